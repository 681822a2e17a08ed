import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ComparedModel } from '../../../src/shared/comparison';

/** The built program; `npm run build` makes it. */
const program = join(process.cwd(), 'dist', 'cli.js');

let folder = '';

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function unroll(args: readonly string[], stopAfter?: string): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args], { cwd: folder, env: { ...process.env, UNROLL_DEBUG: '' } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (piece) => (stdout += piece));
  child.stderr.on('data', (piece) => (stderr += piece));
  if (stopAfter !== undefined) {
    const watch = setInterval(() => {
      if (!runsOf(stopAfter).some((run) => readdirSync(join(folder, '.unroll', stopAfter, run, 'checkpoints')).some((file) => file.endsWith('.safetensors')))) return;
      clearInterval(watch);
      child.kill('SIGINT');
    }, 50);
    child.once('close', () => clearInterval(watch));
  }
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, stdout, stderr })));
}

function runsOf(name: string): string[] {
  try {
    return readdirSync(join(folder, '.unroll', name));
  } catch {
    return [];
  }
}

function writeSpec(name: string, cell: string, change: { training?: object; task?: object; layer?: object } = {}): void {
  const spec = {
    version: 1,
    name,
    task: { kind: 'language-model', data: 'text.txt', tokens: 'char', ...change.task },
    model: { layers: [{ cell, units: 8, ...change.layer }] },
    training: { batch: 4, window: 10, steps: 30, optimizer: { kind: 'adam', learningRate: 0.01 }, ...change.training },
    inspect: { text: 'call me ishmael' },
  };
  writeFileSync(join(folder, `${name}.rnn.json`), JSON.stringify(spec, null, 2));
}

const models = ({ stdout }: Ended): ComparedModel[] => stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as ComparedModel);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unroll-compare-'));
  writeFileSync(join(folder, 'text.txt'), 'call me ishmael some years ago\n'.repeat(100));
  writeSpec('one', 'lstm');
  writeSpec('two', 'gru');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('unroll compare', () => {
  it('trains the specs and prints one JSON object a line for each, and nothing else', async () => {
    const result = await unroll(['compare', 'one.rnn.json', 'two.rnn.json', '--steps', '12', '--json']);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    const [one, two] = models(result);
    expect(one).toMatchObject({ label: 'one', state: 'done', layers: 'LSTM 8', cell: 'lstm', steps: 12 });
    expect(two).toMatchObject({ label: 'two', layers: 'GRU 8', parameters: expect.any(Number), tokensPerSecond: expect.any(Number), validationLoss: expect.any(Number), reach: expect.any(Number) });
    expect(two!.curve.step).toHaveLength(12);
    expect(two!.curve.seconds).toHaveLength(12);
    expect(two!.lags).toHaveLength('call me ishmael'.length - 1);
    expect(one!.parameters).toBeGreaterThan(two!.parameters);
  });

  it('takes finished runs of the same training instead of training again, unless told to', async () => {
    const first = models(await unroll(['compare', 'one.rnn.json', 'two.rnn.json', '--json']));
    const again = models(await unroll(['compare', 'one.rnn.json', 'two.rnn.json', '--json']));
    expect(again).toEqual(first);
    await unroll(['compare', 'one.rnn.json', 'two.rnn.json', '--fresh']);
    expect([runsOf('one').length, runsOf('two').length]).toEqual([2, 2]);
    const other = models(await unroll(['compare', 'one.rnn.json', first[1]!.run, '--steps', '7', '--json']));
    expect(other.map(({ steps }) => steps)).toEqual([7, 30]);
  });

  it('prints aligned tables: results, loss by step and by time, gradient by lag', async () => {
    const { status, stdout } = await unroll(['compare', 'one.rnn.json', 'two.rnn.json']);
    expect(status).toBe(0);
    const tables = stdout.split('\n\n').map((table) => table.trimEnd().split('\n'));
    expect(tables.map(([head]) => head!.split('  ')[0])).toEqual(['model', 'training loss at', 'training loss at', 'gradient at lag (lag 0 = 1)']);
    for (const [head, ...rows] of tables) {
      expect(rows).toHaveLength(2);
      for (const row of rows) expect(row.length).toBe(head!.length);
    }
  });

  it('compares one spec with itself in other cells and says what the numbers carry', async () => {
    const { status, stdout } = await unroll(['compare', 'two.rnn.json', '--cells']);
    expect(status).toBe(0);
    expect(stdout.split('\n').slice(1, 4).map((line) => line.split('  ')[0])).toEqual(['LSTM', 'GRU', 'vanilla RNN']);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^After 30 steps with one seed, .*\.$/);
    expect([runsOf('two'), runsOf('two-as-lstm'), runsOf('two-as-rnn')].map(({ length }) => length)).toEqual([1, 1, 1]);
  });

  it('exits with 1 and the place when a spec or its data is wrong, before anything is trained', async () => {
    writeSpec('two', 'gru', { task: { data: 'nowhere.txt' } });
    const missing = await unroll(['compare', 'one.rnn.json', 'two.rnn.json']);
    expect(missing.status).toBe(1);
    expect(missing.stderr).toMatch(/^two\.rnn\.json:\d+:\d+: error: .*nowhere\.txt/);
    writeSpec('two', 'grew');
    expect(await unroll(['compare', 'one.rnn.json', 'two.rnn.json'])).toMatchObject({ status: 1, stderr: expect.stringMatching(/^two\.rnn\.json:\d+:\d+: error: /) });
    expect(runsOf('one')).toEqual([]);
  });

  it('exits with 2 when there is nothing to compare with', async () => {
    expect(await unroll(['compare', 'one.rnn.json'])).toMatchObject({ status: 2, stderr: expect.stringContaining('--cells') });
    expect(await unroll(['compare', 'one.rnn.json', 'two.rnn.json', '--cells'])).toMatchObject({ status: 2 });
    expect((await unroll(['compare'])).status).toBe(2);
  });

  it('exits with 3 when a training diverged, and still compares', async () => {
    writeSpec('two', 'rnn', { training: { optimizer: { kind: 'sgd', learningRate: 100 }, steps: 200 }, layer: { activation: 'relu' } });
    const result = await unroll(['compare', 'one.rnn.json', 'two.rnn.json', '--json']);
    expect(result.status).toBe(3);
    expect(models(result).map(({ state }) => state)).toEqual(['done', 'diverged']);
  });

  it('exits with 130 when interrupted and says how to go on', async () => {
    writeSpec('two', 'gru', { training: { steps: 1_000_000 } });
    const result = await unroll(['compare', 'one.rnn.json', 'two.rnn.json'], 'two');
    expect(result.status).toBe(130);
    expect(result.stderr).toMatch(/unroll train two\.rnn\.json --resume --run /);
    expect(runsOf('two')).toHaveLength(1);
  });
});

describe('unroll generate --beam', () => {
  it('writes the same most probable text each time, and greedy text with a beam of 1', async () => {
    await unroll(['train', 'one.rnn.json']);
    const write = async (...args: string[]): Promise<string> => (JSON.parse((await unroll(['generate', 'one.rnn.json', '--json', '--length', '30', '--prompt', 'call me', ...args])).stdout) as { text: string }).text;
    expect(await write('--beam', '1')).toBe(await write('--temperature', '0'));
    expect(await write('--beam', '4')).toBe(await write('--beam', '4', '--seed', '9'));
    expect(await write('--beam', '4')).toHaveLength(30);
  });

  it('tells that drawing has no effect beside a beam', async () => {
    await unroll(['train', 'one.rnn.json']);
    const both = await unroll(['generate', 'one.rnn.json', '--beam', '2', '--top-k', '3', '--length', '5']);
    expect(both).toMatchObject({ status: 0, stderr: expect.stringContaining('no effect') });
  });
});
