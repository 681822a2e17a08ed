import { spawn, type ChildProcess } from 'node:child_process';
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

function start(...args: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [program, ...args], { cwd: folder });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (piece) => (stdout += piece));
  child.stderr.on('data', (piece) => (stderr += piece));
  return { child, ended: new Promise((resolve) => child.once('close', (status) => resolve({ status, stdout, stderr }))) };
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
  it('prints the verdict, the curves with their intervals and what may help, and tells on stderr what it is at', async () => {
    const { status, stdout, stderr } = await start('diagnose', 'recall.rnn.json').ended;
    expect(status).toBe(0);
    expect(stdout).toMatch(/^cannot-carry \(confidence 0\.\d+|1\.00\)/);
    expect(stdout).toContain('The problem was made with a dependency over 15 steps.');
    expect(stdout).toMatch(/lag +carry +95 % +demand +95 % +missing +use +95 % +gradient/);
    expect(stdout).toMatch(/- Use LSTM cells with forget bias/);
    const shares = [...stderr.matchAll(/^ *(\d+) % (.+)$/gm)];
    expect(shares.map(([, , stage]) => stage)).toEqual(expect.arrayContaining(['reads held-out sequences', 'measures what the weights can carry', 'probes what the data hold', 'judges']));
    const numbers = shares.map(([, share]) => Number(share));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });

  it('prints one JSON object and nothing else with --json', async () => {
    const { status, stdout, stderr } = await start('diagnose', 'recall.rnn.json', '--json').ended;
    expect([status, stderr]).toEqual([0, '']);
    const diagnosis = JSON.parse(stdout) as Diagnosis;
    expect(diagnosis).toMatchObject({ verdict: 'cannot-carry', decides: null, wantedLag: 15, trueLag: 15 });
    for (const name of ['carry', 'carryLow', 'carryHigh', 'demand', 'use', 'flow'] as const) expect(diagnosis[name], name).toHaveLength(diagnosis.lags.length);
  });

  it('ends with 130 when it is interrupted in the middle, and prints no verdict', async () => {
    const { child, ended } = start('diagnose', 'recall.rnn.json');
    await new Promise<void>((resolve) => child.stderr!.on('data', (piece: Buffer) => piece.includes('measures') && resolve()));
    child.kill('SIGINT');
    const { status, stdout, stderr } = await ended;
    expect(status).toBe(130);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/Interrupted\.\n$/);
    expect(stderr).not.toContain('judges');
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
});
