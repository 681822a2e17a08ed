import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { RunChange, RunEvent } from '../../../src/runs/api';
import { decodeSafetensors } from '../../../src/shared/safetensors';
import type { RunInfo } from '../../../src/shared/run';
import { bits } from '../training/support';
import { until, workshop } from './support';

// Each test starts the real worker, on machines that may have other things to do.
vi.setConfig({ testTimeout: 60_000 });

const shop = workshop();

/** Bits of everything in a run's checkpoint. */
function checkpoint(run: RunInfo, step: number): Record<string, string> {
  return bits(decodeSafetensors(readFileSync(join(run.folder, 'checkpoints', `step-${String(step).padStart(6, '0')}.safetensors`))).tensors);
}

describe('a run', () => {
  it('leaves a folder with spec, record, curve, vocabulary and checkpoints', async () => {
    const { finished } = await shop.runs().train(shop.spec);
    const info = await finished;
    expect(info).toMatchObject({ state: 'done', step: 30, steps: 30, name: 'small', specPath: shop.spec });
    expect(info.folder).toBe(join(shop.folder, '.unroll', 'small', info.id));
    expect(readdirSync(info.folder).sort()).toEqual(['checkpoints', 'metrics.jsonl', 'run.json', 'spec.rnn.json', 'vocabulary.json']);
    expect(readFileSync(join(info.folder, 'spec.rnn.json'), 'utf8')).toBe(readFileSync(shop.spec, 'utf8'));
    expect(readFileSync(join(shop.folder, '.unroll', '.gitignore'), 'utf8')).toBe('*\n');
    expect(JSON.parse(readFileSync(join(info.folder, 'run.json'), 'utf8'))).toMatchObject({ state: 'done', seed: 1, step: 30, parameters: info.parameters });
    expect(info.checkpoints[0]).toBe(0);
    expect(info.checkpoints.at(-1)).toBe(30);
  });

  it('tells each event once and keeps the same in metrics.jsonl', async () => {
    const events: RunEvent[] = [];
    const { finished } = await shop.runs().train(shop.spec, { onEvent: (event) => events.push(event) });
    const info = await finished;
    const lines = readFileSync(join(info.folder, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(JSON.parse(JSON.stringify(events)));
    expect(events.filter(({ event }) => event === 'step').map((event) => 'step' in event && event.step)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(events[0]).toMatchObject({ event: 'start', step: 0, steps: 30, seed: 1 });
    const done = events.at(-1)!;
    expect(done).toMatchObject({ event: 'done', state: 'done', run: info.folder, validationLoss: info.validationLoss, loss: info.loss });
    expect(done.event === 'done' && done.bitsPerToken).toBeCloseTo(info.validationLoss! / Math.LN2, 12);
  });

  it('tells its changes as they come, which together are the stored curve', async () => {
    const runs = shop.runs();
    const changes: RunChange[] = [];
    runs.onDidChange((change) => changes.push(change));
    const { info, finished } = await runs.train(shop.spec);
    await finished;
    const { columns, evaluations, clip, references } = await runs.metrics(info.folder);
    expect(changes.flatMap((change) => [...(change.columns?.loss ?? [])])).toEqual([...columns.loss]);
    expect(changes.flatMap((change) => change.evaluations ?? [])).toEqual(evaluations);
    expect(columns.step).toHaveLength(30);
    expect(clip).toEqual({ kind: 'norm', threshold: 1 });
    expect(references[0]!.loss).toBeCloseTo(Math.log(20), 6);
    expect(changes.at(-1)!.info.state).toBe('done');
  });

  it('gives the same weights for the same seed and others for another', async () => {
    const runs = shop.runs();
    const [a, b, c] = await Promise.all([1, 1, 2].map(async (seed) => (await runs.train(shop.spec, { seed, steps: 8 })).finished));
    expect(checkpoint(a!, 8)).toEqual(checkpoint(b!, 8));
    expect(checkpoint(a!, 8)['output.weight']).not.toEqual(checkpoint(c!, 8)['output.weight']);
    expect(new Set([a!.folder, b!.folder, c!.folder]).size).toBe(3);
  });

  it('takes the text of an editor that is not saved', async () => {
    const text = readFileSync(shop.spec, 'utf8').replace('"steps": 30', '"steps": 3');
    const info = await (await shop.runs().train(shop.spec, { text })).finished;
    expect(info.steps).toBe(3);
    expect(readFileSync(join(info.folder, 'spec.rnn.json'), 'utf8')).toBe(text);
  });

  it('stops with a checkpoint and resumes as if it had never stopped', async () => {
    const straight = await (await shop.runs().train(shop.spec, { steps: 60 })).finished;

    const runs = shop.runs();
    const training = await runs.train(shop.spec, { steps: 60, folder: join(shop.folder, 'mine') });
    await until(() => runs.active()[0]!.step > 10);
    const stopped = await training.stop();
    expect(stopped.state).toBe('stopped');
    expect(stopped.step).toBeLessThan(60);
    expect(stopped.checkpoints.at(-1)).toBe(stopped.step);

    const resumed = await (await shop.runs().train(shop.spec, { resume: 'resume', folder: join(shop.folder, 'mine') })).finished;
    expect(resumed).toMatchObject({ state: 'done', step: 60, folder: stopped.folder, startedAt: stopped.startedAt });
    expect(checkpoint(resumed, 60)).toEqual(checkpoint(straight, 60));

    const curve = async (folder: string) => (await runs.metrics(folder)).columns.loss;
    expect([...(await curve(resumed.folder))]).toEqual([...(await curve(straight.folder))]);
  });

  it('trains several at once, each getting its turns', async () => {
    const runs = shop.runs();
    const both = await Promise.all([0, 1].map((seed) => runs.train(shop.spec, { seed, steps: 80 })));
    await until(() => runs.active().every(({ step }) => step > 10));
    const [a, b] = runs.active().map(({ step }) => step);
    expect(Math.abs(a! - b!)).toBeLessThan(40);
    const ended = await Promise.all(both.map(({ finished }) => finished));
    expect(ended.map(({ state }) => state)).toEqual(['done', 'done']);
  });

  it('is stopped by its signal, also while the data are being loaded', async () => {
    const runs = shop.runs();
    await expect(runs.train(shop.spec, { signal: AbortSignal.abort() })).rejects.toThrow('Cancelled');
    const controller = new AbortController();
    const { finished } = await runs.train(shop.spec, { signal: controller.signal, steps: 10_000 });
    await until(() => runs.active()[0]!.step > 2);
    controller.abort();
    expect((await finished).state).toBe('stopped');
    expect(runs.active()).toEqual([]);
  });

  it('can be made longer when it is resumed', async () => {
    const short = await (await shop.runs().train(shop.spec, { steps: 10 })).finished;
    const long = await (await shop.runs().train(shop.spec, { steps: 15, resume: 'resume' })).finished;
    expect(long).toMatchObject({ folder: short.folder, state: 'done', step: 15, steps: 15 });
  });

  it('says that it diverged, and is not resumed into the same again', async () => {
    // Weight decay of this size multiplies the weights by −99 in each step.
    shop.writeSpec({ training: { optimizer: { kind: 'sgd', learningRate: 100, weightDecay: 1 }, clip: undefined, steps: 400 } });
    const info = await (await shop.runs().train(shop.spec)).finished;
    expect(info.state).toBe('diverged');
    expect(info.reason).toMatch(/^Training diverged: at step \d+ .* Lower the learning rate \(now 100\) or clip the gradients/);
    expect(info.checkpoints.at(-1)).toBeLessThan(info.step);
    await expect(shop.runs().train(shop.spec, { resume: 'resume' })).rejects.toThrow('going on would repeat that');
  });
});

describe('lists of runs', () => {
  it('hold the runs of one spec only, newest first', async () => {
    const runs = shop.runs();
    const other = shop.writeSpec({ name: 'small' }, 'other.rnn.json');
    const ended: RunInfo[] = [];
    for (const spec of [shop.spec, other, shop.spec]) ended.push(await (await runs.train(spec, { steps: 2 })).finished);
    expect((await runs.list(shop.spec)).map(({ folder }) => folder)).toEqual([ended[2]!.folder, ended[0]!.folder]);
    expect((await runs.list(other)).map(({ folder }) => folder)).toEqual([ended[1]!.folder]);
    expect(await shop.runs().list(join(shop.folder, 'none.rnn.json'))).toEqual([]);
  });
});

describe('the processing order', () => {
  it('changes nothing about what is learnt', async () => {
    const runs = shop.runs();
    const layers = [{ cell: 'lstm', units: 12, dropout: 0.2 }, { cell: 'gru', units: 12, connection: 'residual' }];
    const curves = await Promise.all(
      ['layer-major', 'time-major'].map(async (order) => {
        const spec = shop.writeSpec({ layers, name: order, training: { order, steps: 40 } }, `${order}.rnn.json`);
        const { folder } = await (await runs.train(spec)).finished;
        return runs.metrics(folder);
      }),
    );
    const [first, second] = curves.map(({ columns, evaluations }) => [...columns.loss, ...columns.gradNorm, ...evaluations.map(({ validationLoss }) => validationLoss)]);
    expect(first!.length).toBeGreaterThan(80);
    expect(Math.max(...first!.map((value, i) => Math.abs(value - second![i]!) / value))).toBeLessThan(1e-6);
  });
});

describe('inspection', () => {
  it('traces live weights between the steps of a training', async () => {
    const runs = shop.runs();
    const { info, stop } = await runs.train(shop.spec, { steps: 100_000 });
    await until(() => runs.active()[0]!.step > 5);
    const trace = await runs.trace({ run: info.folder, checkpoint: 'live', sample: { kind: 'text', text: 'call me' } });
    expect(trace.step).toBeGreaterThan(5);
    expect(trace.tokens.join('')).toBe('call me');
    await until(() => runs.active()[0]!.step > trace.step);
    const later = await runs.trace({ run: info.folder, checkpoint: 'live', sample: { kind: 'text', text: 'call me' } });
    expect(later.step).toBeGreaterThan(trace.step);
    expect((await stop()).state).toBe('stopped');
  });

  it('traces any stored checkpoint after a restart, and the sample of spec or data when no text is given', async () => {
    const info = await (await shop.runs().train(shop.spec)).finished;
    const runs = shop.runs();
    const first = await runs.trace({ run: info.folder, checkpoint: 0, sample: { kind: 'text', text: 'never mind' } });
    const last = await runs.trace({ run: info.folder, checkpoint: 'live', sample: { kind: 'text', text: 'never mind' } });
    expect([first.step, last.step]).toEqual([0, 30]);
    expect(first.tensors.get('output.logits')!.data).not.toEqual(last.tensors.get('output.logits')!.data);
    expect((await runs.trace({ run: info.folder, checkpoint: 'latest' })).tokens).toHaveLength(100);
    shop.writeSpec({ inspect: { text: 'some years' } });
    const sampled = await (await runs.train(shop.spec, { steps: 1 })).finished;
    expect((await runs.trace({ run: sampled.folder, checkpoint: 'latest' })).tokens.join('')).toBe('some years');
  });

  it('goes from a typed text to the held-out samples, of stored and of live weights', async () => {
    const runs = shop.runs();
    const { info, stop } = await runs.train(shop.spec, { steps: 100_000 });
    const live = await runs.trace({ run: info.folder, checkpoint: 'live', sample: { kind: 'held-out', index: 1 } });
    await stop();
    const typed = await runs.trace({ run: info.folder, checkpoint: 'latest', sample: { kind: 'text', text: 'call me' } });
    expect(typed.sample.heldOut).toBeGreaterThan(1);
    const stored = await runs.trace({ run: info.folder, checkpoint: 'latest', sample: { kind: 'held-out', index: 1 } });
    expect(stored.sample).toEqual({ ...typed.sample, choice: { kind: 'held-out', index: 1 }, sentence: `Held-out stretch 2 of ${typed.sample.heldOut}.`, text: stored.tokens.join('') });
    expect(stored.tokens).toEqual(live.tokens);
    await expect(runs.trace({ run: info.folder, checkpoint: 'latest', sample: { kind: 'held-out', index: 99 } })).rejects.toThrow('There is no sample 100');
    rmSync(join(shop.folder, 'text.txt'));
    await expect(shop.runs().trace({ run: info.folder, checkpoint: 'latest', sample: { kind: 'held-out', index: 0 } })).rejects.toThrow('text.txt');
  });

  it('writes text from a run in pieces that together are the whole', async () => {
    const runs = shop.runs();
    const { folder } = await (await runs.train(shop.spec)).finished;
    let pieces = '';
    const text = await runs.generate({ run: folder, prompt: 'call', length: 200, temperature: 1, seed: 5, onText: (piece) => (pieces += piece) });
    expect(text).toHaveLength(200);
    expect(pieces).toBe(text);
    expect(await runs.generate({ run: folder, prompt: 'call', length: 200, temperature: 1, seed: 5 })).toBe(text);
    await expect(runs.generate({ run: folder, prompt: 'Ω' })).rejects.toThrow('"Ω"');
  });

  it('is abandoned by its signal', async () => {
    const runs = shop.runs();
    const { folder } = await (await runs.train(shop.spec)).finished;
    const controller = new AbortController();
    const writing = runs.generate({ run: folder, length: 10_000_000, signal: controller.signal, onText: () => controller.abort() });
    await expect(writing).rejects.toThrow('Cancelled');
  });

  it('says which checkpoints there are when one is asked for that is not', async () => {
    const runs = shop.runs();
    const { folder } = await (await runs.train(shop.spec, { steps: 2 })).finished;
    await expect(runs.trace({ run: folder, checkpoint: 7, sample: { kind: 'text', text: 'me' } })).rejects.toThrow('no checkpoint of step 7; it has 0, 1, 2.');
    await expect(runs.trace({ run: join(shop.folder, 'nothing'), checkpoint: 'latest', sample: { kind: 'text', text: 'me' } })).rejects.toThrow('There is no run in');
    rmSync(join(folder, 'checkpoints'), { recursive: true });
    await expect(runs.trace({ run: folder, checkpoint: 'latest', sample: { kind: 'text', text: 'me' } })).rejects.toThrow('no checkpoint yet');
  });
});

describe('what is wrong with a spec or its data', () => {
  const problems = async (): Promise<string[]> => {
    const error = await shop.runs().train(shop.spec).then(() => undefined, (reason: unknown) => reason as { problems: { code: string; message: string }[] });
    expect(readdirSync(shop.folder)).not.toContain('.unroll');
    return error!.problems.map(({ code, message }) => `${code}: ${message}`);
  };

  it.each([
    ['missing', undefined, 'data-missing'],
    ['empty', '', 'data-empty'],
    ['binary', Buffer.from([1, 0, 2, 0, 255, 254, 0, 9]), 'data-binary'],
    ['not UTF-8', Buffer.from('caf\xe9 '.repeat(200), 'latin1'), 'data-encoding'],
    ['of one character only', 'a'.repeat(5000), 'data-vocabulary'],
    ['shorter than the window', 'abcab', 'data-too-short'],
  ])('is told before anything is written when the text is %s', async (_, content, code) => {
    if (content === undefined) shop.writeSpec({ task: { data: 'txet.txt' } });
    else writeFileSync(join(shop.folder, 'text.txt'), content);
    const [problem] = await problems();
    expect(problem).toContain(`${code}: `);
    if (content === undefined) expect(problem).toContain('Did you mean "text.txt"?');
  });

  it('is told with its place when a connection does not fit the vocabulary', async () => {
    shop.writeSpec({ layers: [{ cell: 'lstm', units: 8, connection: 'residual' }] });
    expect((await problems())[0]).toContain('8');
  });

  it.each([{ steps: NaN }, { steps: 0 }, { steps: 1.5 }, { seed: -1 }, { threads: 65 }])('is told when a program gives %o in its place', async (given) => {
    const [key] = Object.keys(given);
    for (const resume of ['fresh', 'resume'] as const) await expect(shop.runs().train(shop.spec, { ...given, resume })).rejects.toMatchObject({ code: 'bad-option', message: expect.stringContaining(`${key} must be a whole number`) });
    expect(readdirSync(shop.folder)).not.toContain('.unroll');
  });

  it('is told when there is no spec', async () => {
    await expect(shop.runs().train(join(shop.folder, 'none.rnn.json'))).rejects.toThrow('does not exist');
  });
});
