import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { writeAtomically, type WriteFile } from '../../../src/runs/atomicWrite';
import { decodeSafetensors, encodeSafetensors } from '../../../src/shared/safetensors';
import type { RunInfo } from '../../../src/shared/run';
import { bits } from '../training/support';
import { until, workshop } from './support';

// Each test starts the real worker, on machines that may have other things to do.
vi.setConfig({ testTimeout: 60_000 });

const shop = workshop();

const stepFile = (run: string, step: number) => join(run, 'checkpoints', `step-${String(step).padStart(6, '0')}.safetensors`);
const weights = (run: string, step: number) => bits(decodeSafetensors(readFileSync(stepFile(run, step))).tensors);

/** A disk that is full (or not writable) from some checkpoint on. */
function failingDisk(from: string, code: string): WriteFile {
  return async (path, data) => {
    if (path.endsWith(from)) throw Object.assign(new Error(`${code}: write`), { code });
    await writeAtomically(path, data);
  };
}

async function trained(steps = 20): Promise<RunInfo> {
  return (await shop.runs().train(shop.spec, { steps })).finished;
}

describe('a worker that ends', () => {
  it('fails the runs it held with the reason, and the next use starts a fresh one', async () => {
    const runs = shop.runs();
    const trainings = await Promise.all([1, 2].map((seed) => runs.train(shop.spec, { seed, steps: 100_000 })));
    await until(() => runs.active().every(({ step, checkpoints }) => step > 10 && checkpoints.length > 0));
    runs.endWorker('The engine was ended from outside.');
    for (const info of await Promise.all(trainings.map(({ finished }) => finished))) {
      expect(info.state).toBe('failed');
      expect(info.reason).toMatch(/^The engine was ended from outside\. The run keeps its checkpoint of step \d+ and can be resumed\.$/);
      expect(JSON.parse(readFileSync(join(info.folder, 'run.json'), 'utf8'))).toMatchObject({ state: 'failed' });
    }
    expect((await (await runs.train(shop.spec, { steps: 3 })).finished).state).toBe('done');
    const resumed = await (await runs.train(shop.spec, { resume: 'resume', folder: trainings[0]!.info.folder, steps: 60 })).finished;
    expect(resumed.state).toBe('done');
  });

  it('fails what was asked of it', async () => {
    const runs = shop.runs();
    const { folder } = await (await runs.train(shop.spec, { steps: 2 })).finished;
    const writing = runs.generate({ run: folder, length: 10_000_000, onText: () => runs.endWorker('The engine was ended from outside.') });
    await expect(writing).rejects.toThrow('The engine was ended from outside.');
  });
});

describe('a run that two want to go on with at once', () => {
  it('is trained by one of them only, also when the other was still loading', async () => {
    const warm = shop.runs();
    const { folder } = await (await warm.train(shop.spec, { steps: 2 })).finished;
    const both = await Promise.allSettled([warm, shop.runs()].map((runs) => runs.train(shop.spec, { resume: 'resume', folder, steps: 100_000 })));
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'run-busy' } });
  });
});

describe('a folder that the system will not make', () => {
  it.skipIf(process.platform !== 'linux')('is told, and not tried for ever', async () => {
    await expect(shop.runs().train(shop.spec, { folder: '/proc/none/run' })).rejects.toMatchObject({ code: 'storage' });
  });

  it('is made with all folders around it otherwise', async () => {
    const folder = join(shop.folder, 'a', 'b', 'run');
    expect((await (await shop.runs().train(shop.spec, { steps: 1, folder })).finished).state).toBe('done');
  });
});

describe('a process that is killed in the middle of training', () => {
  it('leaves a run that reads as interrupted and resumes bit for bit', async () => {
    const program = join(shop.folder, 'train.cjs');
    writeFileSync(join(shop.folder, 'train.ts'), `import { Runs } from ${JSON.stringify(join(process.cwd(), 'src/runs/runs'))};\nvoid new Runs().train(process.argv[2]!, { steps: 100000, folder: process.argv[3] });\n`);
    const bundling: BuildOptions = { bundle: true, platform: 'node', format: 'cjs', logLevel: 'error', mainFields: ['module', 'main'] };
    await build({ ...bundling, entryPoints: [join(shop.folder, 'train.ts')], outfile: program });
    await build({ ...bundling, entryPoints: ['src/engineHost/worker.ts'], outfile: join(shop.folder, 'engineWorker.js') });
    shop.writeSpec({ training: { checkpointEvery: 10 } });
    const run = join(shop.folder, 'killed');
    const child = spawn(process.execPath, [program, shop.spec, run], { stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    await until(() => existsSync(stepFile(run, 20)));
    const runs = shop.runs();
    expect(await runs.read(run)).toMatchObject({ state: 'running' });
    await expect(runs.train(shop.spec, { resume: 'resume', folder: run })).rejects.toThrow(`is being trained by the process ${child.pid}`);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));

    const info = await runs.read(run);
    const last = info.checkpoints.at(-1)!;
    expect(info).toMatchObject({ state: 'interrupted', reason: `Its process ended. It can be resumed from step ${last}.` });
    const resumed = await (await runs.train(shop.spec, { resume: 'resume', folder: run, steps: last + 15 })).finished;
    expect(resumed).toMatchObject({ state: 'done', step: last + 15 });
    const straight = await (await runs.train(shop.spec, { steps: last + 15, folder: join(shop.folder, 'straight') })).finished;
    expect(weights(run, last + 15)).toEqual(weights(straight.folder, last + 15));
    const [curve, whole] = await Promise.all([run, straight.folder].map((folder) => runs.metrics(folder)));
    expect([...curve!.columns.loss]).toEqual([...whole!.columns.loss]);
  });
});

describe('a disk that cannot be written', () => {
  it.each([
    ['ENOSPC', 'The disk is full'],
    ['EACCES', 'may not be written (EACCES)'],
  ])('ends the run with the reason (%s) and keeps what was stored', async (code, message) => {
    shop.writeSpec({ training: { checkpointEvery: 5 } });
    const { finished } = await shop.runs({ write: failingDisk('step-000010.safetensors', code) }).train(shop.spec);
    const info = await finished;
    expect(info.state).toBe('failed');
    expect(info.reason).toContain(message);
    expect(info.reason).toContain('step-000010.safetensors');
    expect(info.checkpoints).toEqual([0, 5]);
    expect(readdirSync(join(info.folder, 'checkpoints')).sort()).toEqual(['step-000000.safetensors', 'step-000005.safetensors']);
    const resumed = await (await shop.runs().train(shop.spec, { resume: 'resume' })).finished;
    expect(resumed).toMatchObject({ state: 'done', step: 30, folder: info.folder });
  });

  it('starts nothing when not even the record can be written', async () => {
    await expect(shop.runs({ write: failingDisk('run.json', 'ENOSPC') }).train(shop.spec)).rejects.toThrow('The disk is full');
  });

  // A real file system of one megabyte; only root may mount it.
  it.runIf(process.platform === 'linux' && process.getuid?.() === 0)('survives a file system that really runs full', async (context) => {
    const small = join(shop.folder, 'disk');
    mkdirSync(small);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small], { stdio: 'ignore' });
    } catch {
      return context.skip('tmpfs cannot be mounted here');
    }
    try {
      shop.writeSpec({ layers: [{ cell: 'lstm', units: 64 }], training: { checkpointEvery: 1, steps: 20, window: 3 } });
      const info = await (await shop.runs().train(shop.spec, { folder: join(small, 'run') })).finished;
      expect(info.state).toBe('failed');
      expect(info.reason).toContain('The disk is full');
      expect(info.checkpoints.length).toBeGreaterThan(0);
      for (const step of info.checkpoints) expect(() => weights(info.folder, step)).not.toThrow();
      const last = info.checkpoints.at(-1)!;
      expect((await shop.runs().trace({ run: info.folder, checkpoint: last, sample: { kind: 'text', text: 'me' } })).step).toBe(last);
      return undefined;
    } finally {
      execFileSync('umount', [small]);
    }
  });
});

describe('a damaged file of a run', () => {
  it('does not touch the other checkpoints, and names itself when it is a checkpoint', async () => {
    const { folder } = await trained();
    truncateSync(stepFile(folder, 20), 5000);
    const runs = shop.runs();
    await expect(runs.trace({ run: folder, checkpoint: 20, sample: { kind: 'text', text: 'me' } })).rejects.toThrow(/step-000020\.safetensors is damaged\. .* The other checkpoints of the run can still be used\./);
    writeFileSync(stepFile(folder, 19), 'nothing of the kind');
    await expect(runs.trace({ run: folder, checkpoint: 19, sample: { kind: 'text', text: 'me' } })).rejects.toThrow('step-000019.safetensors is damaged');
    expect((await runs.trace({ run: folder, checkpoint: 18, sample: { kind: 'text', text: 'me' } })).step).toBe(18);
  });

  it('is set aside on resuming, which goes on from the checkpoint before it', async () => {
    const { folder } = await trained();
    truncateSync(stepFile(folder, 20), 100);
    const training = await shop.runs().train(shop.spec, { resume: 'resume', steps: 25 });
    expect(training.warnings).toEqual([expect.stringContaining(`${stepFile(folder, 20)} is damaged and was set aside.`)]);
    expect(training.info.step).toBe(19);
    const info = await training.finished;
    expect(info).toMatchObject({ state: 'done', step: 25 });
    expect(existsSync(`${stepFile(folder, 20)}.damaged`)).toBe(true);
    const straight = await (await shop.runs().train(shop.spec, { steps: 25 })).finished;
    expect(weights(folder, 25)).toEqual(weights(straight.folder, 25));
  });

  it('is set aside also when it is whole but holds what is not a number', async () => {
    const { folder } = await trained(2);
    const { tensors } = decodeSafetensors(readFileSync(stepFile(folder, 2)));
    (tensors.get('optimizer.exp_avg.output.bias')!.data as Float32Array)[0] = NaN;
    writeFileSync(stepFile(folder, 2), encodeSafetensors(tensors));
    const training = await shop.runs().train(shop.spec, { resume: 'resume', steps: 3 });
    expect(training.warnings).toEqual([expect.stringMatching(/is damaged and was set aside\. Its optimizer\.exp_avg\.output\.bias holds what is not a number/)]);
    expect((await training.finished).state).toBe('done');
  });

  it('is no checkpoint when it is a folder, or of a step that no training reaches', async () => {
    const { folder } = await trained(2);
    mkdirSync(stepFile(folder, 99));
    writeFileSync(join(folder, 'checkpoints', `step-${'9'.repeat(30)}.safetensors`), '');
    const training = await shop.runs().train(shop.spec, { resume: 'resume', steps: 3 });
    expect(training.info.step).toBe(2);
    expect((await training.finished).checkpoints).toEqual([0, 1, 2, 3]);
  });

  it('says that there is nothing to resume when no checkpoint is whole', async () => {
    const { folder, checkpoints } = await trained(2);
    for (const step of checkpoints) truncateSync(stepFile(folder, step), 10);
    await expect(shop.runs().train(shop.spec, { resume: 'resume' })).rejects.toThrow('has no undamaged checkpoint');
  });

  it.each([
    ['run.json', 'run.json is damaged. The run\'s checkpoints are untouched'],
    ['spec.rnn.json', 'spec.rnn.json is damaged'],
    ['vocabulary.json', 'vocabulary'],
  ])('is told by name when it is %s', async (file, message) => {
    const { folder } = await trained(2);
    writeFileSync(join(folder, file), '{"torn":');
    await expect(shop.runs().train(shop.spec, { resume: 'resume', folder })).rejects.toThrow(message);
    await expect(shop.runs().trace({ run: folder, checkpoint: 'latest' })).rejects.toThrow(message);
  });

  it('is told by name when it is a vocabulary of which nothing can be learnt', async () => {
    const { folder } = await trained(2);
    writeFileSync(join(folder, 'vocabulary.json'), '{"kind":"char","tokens":["a"]}');
    await expect(shop.runs().train(shop.spec, { resume: 'resume', folder })).rejects.toThrow(`${join(folder, 'vocabulary.json')} is damaged`);
  });

  it('stands in the list with its reason when it is run.json', async () => {
    const bad = await trained(2);
    const good = await trained(2);
    writeFileSync(join(bad.folder, 'run.json'), '');
    const listed = await shop.runs().list(shop.spec);
    expect(listed.map(({ folder, state }) => [folder, state])).toEqual([[good.folder, 'done'], [bad.folder, 'failed']]);
    expect(listed[1]).toMatchObject({ reason: expect.stringContaining('run.json is damaged'), checkpoints: [0, 1, 2] });
  });

  it('costs only its last line when the curve was torn', async () => {
    const { folder } = await trained(10);
    const path = join(folder, 'metrics.jsonl');
    appendFileSync(path, '{"event":"step","step":11,"lo');
    expect((await shop.runs().metrics(folder)).columns.step).toHaveLength(10);
    const resumed = await (await shop.runs().train(shop.spec, { resume: 'resume', steps: 12 })).finished;
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(() => lines.forEach((line) => JSON.parse(line))).not.toThrow();
    expect((await shop.runs().metrics(resumed.folder)).columns.step).toHaveLength(12);
  });

  it('is no obstacle when it was only being written', async () => {
    const { folder } = await trained(5);
    const torn = join(folder, 'checkpoints', '.step-000006.safetensors.1.0.tmp');
    writeFileSync(torn, 'half a file');
    expect((await shop.runs().read(folder)).checkpoints.at(-1)).toBe(5);
    await (await shop.runs().train(shop.spec, { resume: 'resume', steps: 7 })).finished;
    expect(existsSync(torn)).toBe(false);
  });

  it('ends a training whose folder is deleted, and nothing else', async () => {
    shop.writeSpec({ training: { checkpointEvery: 5 } });
    const runs = shop.runs();
    const lost = await runs.train(shop.spec, { steps: 100_000 });
    const kept = await runs.train(shop.spec, { seed: 2 });
    await until(() => runs.active().find(({ folder }) => folder === lost.info.folder)!.step > 5);
    rmSync(lost.info.folder, { recursive: true });
    const info = await lost.finished;
    expect(info.state).toBe('failed');
    expect(info.reason).toContain('its folder is gone');
    expect((await kept.finished).state).toBe('done');
    expect(existsSync(dirname(lost.info.folder))).toBe(true);
  });
});
