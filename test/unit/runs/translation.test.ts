import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { SpecProblemsError } from '../../../src/runs/api';
import { workshop } from './support';

// Each test starts the real worker, on machines that may have other things to do.
vi.setConfig({ testTimeout: 60_000 });

const shop = workshop();
const letters = 'abcd';
const words = Array.from({ length: 256 }, (_, i) => [i, i >> 2, i >> 4, i >> 6].slice(0, 2 + (i % 3)).map((digit) => letters[digit % 4]).join(''));

/** A spec that learns to spell words of four letters with capitals apart. */
function translationSpec(change: object = {}): string {
  writeFileSync(join(shop.folder, 'pairs.tsv'), `word\tcapitals\n${words.map((word) => `${word}\t${[...word.toUpperCase()].join(' ')}`).join('\n')}\n`);
  const path = join(shop.folder, 'capitals.rnn.json');
  const spec = {
    version: 1,
    name: 'capitals',
    task: { kind: 'translation', data: 'pairs.tsv', source: 'word', target: 'capitals', tokens: { source: 'char', target: 'spaced' } },
    model: { embedding: 8, encoder: { layers: [{ cell: 'gru', units: 24 }] }, decoder: { layers: [{ cell: 'gru', units: 24 }] } },
    training: { batch: 16, steps: 800, checkpointEvery: 400, optimizer: { kind: 'adam', learningRate: 0.01 }, clip: { kind: 'norm', threshold: 1 } },
    ...change,
  };
  writeFileSync(path, JSON.stringify(spec, null, 2));
  return path;
}

describe('a run of a translation', () => {
  it('trains, evaluates, and translates from its folder alone', async () => {
    const runs = shop.runs();
    const { finished } = await runs.train(translationSpec());
    const info = await finished;
    expect(info).toMatchObject({ state: 'done', step: 800 });
    expect(info.validationLoss).toBeLessThan(0.2);
    const pieces: string[] = [];
    expect(await runs.generate({ run: info.folder, prompt: 'abc', length: 10, onText: (piece) => pieces.push(piece) })).toBe('A B C');
    expect(pieces.join('')).toBe('A B C');
    expect(await runs.generate({ run: info.folder, prompt: 'dab', length: 10, beam: 3 })).toBe('D A B');
    const drawn = (temperature: number, seed: number): Promise<string> => runs.generate({ run: info.folder, prompt: 'abc', length: 10, temperature, seed });
    expect(await drawn(0.1, 1)).toBe('A B C');
    const wild = await Promise.all([drawn(20, 1), drawn(20, 1), drawn(20, 2)]);
    expect(wild[0]).toBe(wild[1]);
    expect(new Set([...wild, 'A B C']).size).toBe(3);
  });

  it('says what it cannot translate', async () => {
    const runs = shop.runs();
    const { finished } = await runs.train(translationSpec(), { steps: 2 });
    const { folder } = await finished;
    await expect(runs.generate({ run: folder, prompt: '' })).rejects.toThrow('nothing to translate');
    await expect(runs.generate({ run: folder, prompt: 'abq' })).rejects.toThrow('"q"');
  });

  it('goes on after a stop as if it had never stopped', async () => {
    const runs = shop.runs();
    const spec = translationSpec();
    const whole = await (await runs.train(spec, { steps: 30 })).finished;
    const stop = new AbortController();
    const stopped = await (await runs.train(spec, { steps: 30, signal: stop.signal, onEvent: (event) => event.event === 'step' && stop.abort() })).finished;
    const resumed = await (await runs.train(spec, { resume: 'resume', folder: stopped.folder })).finished;
    expect([whole.step, resumed.step]).toEqual([30, 30]);
    expect(resumed.validationLoss).toBe(whole.validationLoss);
  });

  it('is refused, with a place, when encoder and decoder do not fit', async () => {
    const model = { encoder: { layers: [{ cell: 'gru', units: 24 }] }, decoder: { layers: [{ cell: 'gru', units: 23 }] } };
    const problems = await shop.runs().train(translationSpec({ model })).then(() => [], (error: unknown) => (error instanceof SpecProblemsError ? error.problems : [error]));
    expect(problems).toMatchObject([{ severity: 'error', code: 'hand-over-size' }]);
  });
});
