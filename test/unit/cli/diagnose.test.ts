import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../../src/shared/diagnosis';

/** The built program; `npm run build` makes it. */
const program = join(process.cwd(), 'dist', 'cli.js');

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder = '';

function start(...args: string[]): { ended: Promise<Ended> } {
  const child = spawn(process.execPath, [program, ...args], { cwd: folder });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (piece) => (stdout += piece));
  child.stderr.on('data', (piece) => (stderr += piece));
  return { ended: new Promise((resolve) => child.once('close', (status) => resolve({ status, stdout, stderr }))) };
}

function writeSpec(layers: readonly object[]): void {
  writeFileSync(join(folder, 'recall.rnn.json'), JSON.stringify({ version: 1, name: 'recall', task: { kind: 'synthetic', problem: 'recall', length: 30, lag: 15 }, model: { layers }, training: { steps: 5 } }));
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unroll-diagnose-'));
  writeSpec([{ cell: 'rnn', units: 8 }]);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('unroll diagnose', () => {
  it('prints the verdict, the curves with their intervals and what may help, and no progress where no terminal is', async () => {
    const { status, stdout, stderr } = await start('diagnose', 'recall.rnn.json').ended;
    expect(status).toBe(0);
    expect(stdout).toMatch(/^cannot-carry \(confidence 0\.\d+|1\.00\)/);
    expect(stdout).toContain('The problem was made with a dependency over 15 steps.');
    expect(stdout).toMatch(/lag +carry +95 % +demand +95 % +missing +use +95 % +gradient/);
    expect(stdout).toMatch(/- Use LSTM cells with forget bias/);
    expect(stderr).toBe('');
  });

  it('prints one JSON object and nothing else with --json', async () => {
    const { status, stdout, stderr } = await start('diagnose', 'recall.rnn.json', '--json').ended;
    expect([status, stderr]).toEqual([0, '']);
    const diagnosis = JSON.parse(stdout) as Diagnosis;
    expect(diagnosis).toMatchObject({ verdict: 'cannot-carry', decides: null, wantedLag: 15, trueLag: 15 });
    for (const name of ['carry', 'carryLow', 'carryHigh', 'demand', 'use', 'flow'] as const) expect(diagnosis[name], name).toHaveLength(diagnosis.lags.length);
  });

  it('says of edits that were tried on the run what came of them, and offers those that did not help last', async () => {
    await start('train', 'recall.rnn.json', '--run', 'mine').ended;
    const before = JSON.parse((await start('diagnose', 'recall.rnn.json', '--run', 'mine', '--json').ended).stdout) as Diagnosis;
    const [first] = before.fixes;
    writeFileSync(join(folder, 'mine', 'tried.json'), JSON.stringify([{ title: first!.title, edit: first!.edit, steps: 300, before: { run: 'a', loss: 2.08 }, after: { run: 'b', loss: 2.07 }, outcome: 'same' }]));
    expect(readdirSync(join(folder, 'mine'))).toContain('tried.json');
    const after = JSON.parse((await start('diagnose', 'recall.rnn.json', '--run', 'mine', '--json').ended).stdout) as Diagnosis;
    expect(after.sentence).toBe(`${before.sentence} Tried before: “${first!.title}” made no difference.`);
    expect(after.fixes.at(-1)).toMatchObject({ title: first!.title, reason: expect.stringContaining('Tried: it made no difference (loss 2.08 without it, 2.07 with it, after 300 steps).') });
    expect(after.fixes[0]!.title).toBe(before.fixes[1]!.title);
  });

  it('says why a model without a past to look at cannot be diagnosed', async () => {
    writeFileSync(join(folder, 'batch.rnn.json'), JSON.stringify({ version: 1, name: 'batch', task: { kind: 'batch', loss: 'values', features: 2, outputs: 1 }, model: { layers: [{ cell: 'rnn', units: 4 }] } }));
    const { status, stderr } = await start('diagnose', 'batch.rnn.json').ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/Give the spec a task with data/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('says how much data it wants where not one held-out stretch is there', async () => {
    writeFileSync(join(folder, 'short.csv'), `a,b\n${Array.from({ length: 30 }, (_, i) => `${i % 7},${i % 5}`).join('\n')}\n`);
    writeFileSync(join(folder, 'short.rnn.json'), JSON.stringify({ version: 1, name: 'short', task: { kind: 'forecast', data: 'short.csv', inputs: ['a'], targets: ['b'] }, model: { layers: [{ cell: 'gru', units: 4 }] }, training: { batch: 2, window: 4, steps: 4 } }));
    const { status, stderr } = await start('diagnose', 'short.rnn.json').ended;
    expect(status).toBe(1);
    expect(stderr).toBe('error: The held-out part of the data has 2 timesteps, but a diagnosis of a model with window 4 reads stretches of 48. Use a longer text or series, or hold out a larger share of it ("validation" of the task).\n');
  });
});
