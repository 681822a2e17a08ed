import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** The built program; `npm run build` makes it. */
const program = join(process.cwd(), 'dist', 'cli.js');

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder = '';

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [program, ...args], { cwd: folder, env: { ...process.env, UNROLL_DEBUG: '', ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (piece) => (stdout += piece));
  child.stderr.on('data', (piece) => (stderr += piece));
  return { child, ended: new Promise((resolve) => child.once('close', (status) => resolve({ status, stdout, stderr }))) };
}

const unroll = (...args: string[]): Promise<Ended> => start(args).ended;

interface Event {
  readonly event: string;
  readonly [key: string]: unknown;
}

/** Every line of a program that wrote nothing but JSON. */
function events({ stdout }: Ended): Event[] {
  return stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Event);
}

function writeSpec(change: { training?: object; task?: object } = {}): void {
  writeFileSync(
    join(folder, 'small.rnn.json'),
    JSON.stringify({
      version: 1,
      name: 'small',
      task: { kind: 'language-model', data: 'text.txt', tokens: 'char', ...change.task },
      model: { layers: [{ cell: 'gru', units: 8 }] },
      training: { batch: 4, window: 10, steps: 30, optimizer: { kind: 'adam', learningRate: 0.01 }, ...change.training },
    }, null, 2),
  );
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unroll-cli-'));
  writeFileSync(join(folder, 'text.txt'), 'call me ishmael some years ago\n'.repeat(100));
  writeSpec();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('unroll train', () => {
  it('prints one JSON event a line and nothing else with --json', async () => {
    const result = await unroll('train', 'small.rnn.json', '--json', '--seed', '3');
    expect(result).toMatchObject({ status: 0, stderr: '' });
    const all = events(result);
    expect(all[0]).toMatchObject({ event: 'start', step: 0, steps: 30, seed: 3 });
    expect(all.filter(({ event }) => event === 'step')).toHaveLength(30);
    for (const step of all.filter(({ event }) => event === 'step')) {
      expect(step).toMatchObject({ step: expect.any(Number), loss: expect.any(Number), gradNorm: expect.any(Number), clipped: expect.any(Boolean), normAfter: expect.any(Number), largestParameter: expect.any(String), largestShare: expect.any(Number), learningRate: 0.01, tokensPerSecond: expect.any(Number) });
    }
    expect(all.some(({ event }) => event === 'evaluation')).toBe(true);
    expect(all.some(({ event }) => event === 'checkpoint')).toBe(true);
    const done = all.at(-1)!;
    expect(done).toMatchObject({ event: 'done', state: 'done', step: 30, run: expect.stringContaining(join('.unroll', 'small')), loss: expect.any(Number), validationLoss: expect.any(Number) });
    expect(done.bitsPerToken).toBeCloseTo((done.validationLoss as number) / Math.LN2, 12);
  });

  it('is silent when its output is no terminal', async () => {
    expect(await unroll('train', 'small.rnn.json')).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('gives the same losses for the same seed, and takes --steps and --run', async () => {
    const losses = async (...more: string[]) => events(await unroll('train', 'small.rnn.json', '--json', '--steps', '5', ...more)).filter(({ event }) => event === 'step').map(({ loss }) => loss);
    const first = await losses('--run', 'one');
    expect(first).toHaveLength(5);
    expect(await losses()).toEqual(first);
    expect(await losses('--seed', '2')).not.toEqual(first);
    expect(readdirSync(join(folder, 'one'))).toContain('run.json');
    expect(await unroll('train', 'small.rnn.json', '--run', 'one')).toMatchObject({ status: 1, stderr: expect.stringContaining('There is a run in') });
  });

  it('ends with 130 on SIGINT after a checkpoint, says how to go on, and does so bit for bit', async () => {
    const straight = events(await unroll('train', 'small.rnn.json', '--json', '--steps', '3000')).filter(({ event }) => event === 'step');
    const { child, ended } = start(['train', 'small.rnn.json', '--json', '--steps', '3000', '--run', 'mine']);
    await new Promise<void>((resolve) => child.stdout!.on('data', (piece: Buffer) => piece.includes('"step"') && resolve()));
    child.kill('SIGINT');
    const interrupted = await ended;
    expect(interrupted.status).toBe(130);
    expect(interrupted.stderr).toMatch(/^Interrupted at step \d+; nothing is lost\. Go on with: unroll train small\.rnn\.json --resume --run \S+mine\n$/);
    expect(events(interrupted).at(-1)).toMatchObject({ event: 'done', state: 'stopped' });
    const resumed = await unroll('train', 'small.rnn.json', '--json', '--resume', '--run', 'mine');
    expect(resumed.status).toBe(0);
    const together = [interrupted, resumed].flatMap((part) => events(part)).filter(({ event }) => event === 'step');
    expect(together.map(({ loss }) => loss)).toEqual(straight.map(({ loss }) => loss));
  });

  it.each(['SIGTERM', 'SIGHUP'] as const)('stops with a checkpoint on %s as well', async (signal) => {
    const { child, ended } = start(['train', 'small.rnn.json', '--json', '--steps', '100000', '--run', 'mine']);
    await new Promise<void>((resolve) => child.stdout!.on('data', (piece: Buffer) => piece.includes('"step"') && resolve()));
    child.kill(signal);
    expect(await ended).toMatchObject({ status: 130, stderr: expect.stringMatching(/^Interrupted at step \d+; nothing is lost\./) });
  });

  it('stops with a checkpoint when nobody reads its output any more', async () => {
    const { child, ended } = start(['train', 'small.rnn.json', '--json', '--steps', '100000', '--run', 'mine']);
    child.stdout!.once('data', () => child.stdout!.destroy());
    const { status, stderr } = await ended;
    const step = Number(/^Interrupted at step (\d+); nothing is lost\./.exec(stderr)?.[1]);
    expect({ status, whole: readdirSync(join(folder, 'mine', 'checkpoints')).includes(`step-${String(step).padStart(6, '0')}.safetensors`) }).toEqual({ status: 130, whole: true });
  });

  it('does not take a seed for a run that has one', async () => {
    expect(await unroll('train', 'small.rnn.json', '--resume', '--seed', '2')).toMatchObject({ status: 2, stderr: expect.stringContaining('Leave out --seed or --resume') });
  });

  it('ends with 3 and the advice when training diverges', async () => {
    writeSpec({ training: { optimizer: { kind: 'sgd', learningRate: 100, weightDecay: 1 }, steps: 300 } });
    const result = await unroll('train', 'small.rnn.json', '--json');
    expect(result.status).toBe(3);
    expect(result.stderr).toMatch(/^Training diverged: at step \d+ .*Lower the learning rate/);
    expect(events(result).at(-1)).toMatchObject({ event: 'done', state: 'diverged' });
  });

  it('names a damaged checkpoint it passes over', async () => {
    const result = events(await unroll('train', 'small.rnn.json', '--json', '--steps', '4'));
    truncateSync(join(result.at(-1)!.run as string, 'checkpoints', 'step-000004.safetensors'), 50);
    const resumed = await unroll('train', 'small.rnn.json', '--json', '--resume');
    expect(resumed.status).toBe(0);
    expect(resumed.stderr).toContain('step-000004.safetensors is damaged and was set aside.');
  });
});

describe('what is wrong', () => {
  it.each([
    ['an unknown key', () => writeSpec({ training: { learningRte: 1 } }), /^small\.rnn\.json:\d+:\d+: error: .*learningRte/],
    ['an empty spec', () => writeFileSync(join(folder, 'small.rnn.json'), ''), /^small\.rnn\.json:1:1: error: The spec is empty/],
    ['a spec that is no text', () => writeFileSync(join(folder, 'small.rnn.json'), Buffer.from([0xff, 0xfe, 0, 1])), /^small\.rnn\.json:1:1: error: .*UTF-8/],
    ['a missing spec', () => rmSync(join(folder, 'small.rnn.json')), /^small\.rnn\.json:1:1: error: .*exist/],
    ['missing data', () => writeSpec({ task: { data: 'txet.txt' } }), /^small\.rnn\.json:6:13: error: .*Did you mean "text\.txt"\?/],
    ['empty data', () => writeFileSync(join(folder, 'text.txt'), ''), /^small\.rnn\.json:6:13: error: .*empty/],
    ['binary data', () => writeFileSync(join(folder, 'text.txt'), Buffer.from([1, 0, 2, 0, 9, 0])), /^small\.rnn\.json:6:13: error: /],
    ['data that are not UTF-8', () => writeFileSync(join(folder, 'text.txt'), Buffer.from('caf\xe9 '.repeat(90), 'latin1')), /^small\.rnn\.json:6:13: error: .*UTF-8/],
    ['a vocabulary of one', () => writeFileSync(join(folder, 'text.txt'), 'a'.repeat(3000)), /^small\.rnn\.json:\d+:\d+: error: .*one kind of token/],
    ['a window that is too long', () => writeSpec({ training: { window: 90_000 } }), /^small\.rnn\.json:\d+:\d+: error: window 90000/],
  ])('is told as file:line:column with status 1: %s', async (_, spoil, message) => {
    spoil();
    const { status, stdout, stderr } = await unroll('train', 'small.rnn.json', '--json');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(readdirSync(folder)).not.toContain('.unroll');
  });

  it('is told when a file may not be read', async (context) => {
    if (process.getuid?.() === 0) return context.skip('root reads everything');
    chmodSync(join(folder, 'text.txt'), 0);
    expect((await unroll('train', 'small.rnn.json')).stderr).toContain('permissions');
    return undefined;
  });

  it.each([
    [['train']],
    [['train', 'small.rnn.json', '--steps', 'many']],
    [['train', 'small.rnn.json', '--steps', '0']],
    [['train', 'small.rnn.json', '--stepz', '3']],
    [['trian', 'small.rnn.json']],
    [['generate', 'small.rnn.json', '--temperature', '-1']],
    [['generate', 'small.rnn.json', '--top-p', '2']],
  ])('is told with status 2 when it is the usage: %j', async (args) => {
    const { status, stdout, stderr } = await unroll(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('error');
  });

  it('shows a stack trace only when UNROLL_DEBUG=1 asks for it', async () => {
    expect((await unroll('train', 'none.rnn.json')).stderr).not.toContain('    at ');
    expect((await start(['train', 'none.rnn.json'], { UNROLL_DEBUG: '1' }).ended).stderr).toContain('    at ');
  });

  it.skipIf(!existsSync('/dev/full'))('is told without a stack trace when the output cannot be written', async () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = await new Promise<{ status: number | null; stderr: string }>((resolve) => {
      const child = spawn(process.execPath, [program, 'bench', '--units', '4', '--batch', '1', '--window', '2'], { cwd: folder, stdio: ['ignore', full, 'pipe'] });
      let text = '';
      child.stderr!.on('data', (piece) => (text += piece));
      child.once('close', (code) => resolve({ status: code, stderr: text }));
    });
    closeSync(full);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/^error: The output cannot be written: ENOSPC.*\n$/) });
  });

  it('is nothing about --help and --version', async () => {
    expect(await unroll('--help')).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('train') });
    expect((await unroll('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('unroll generate', () => {
  it('writes the prompt and what follows, the same for the same seed', async () => {
    await unroll('train', 'small.rnn.json', '--steps', '200');
    const write = (...more: string[]) => unroll('generate', 'small.rnn.json', '--prompt', 'call', '--length', '60', ...more);
    const first = await write();
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.stdout).toMatch(/^call[^]{60}\n$/);
    expect((await write()).stdout).toBe(first.stdout);
    expect((await write('--seed', '2')).stdout).not.toBe(first.stdout);
    expect((await write('--temperature', '0')).stdout).toBe((await write('--top-k', '1', '--seed', '9')).stdout);
    expect(JSON.parse((await write('--json')).stdout)).toEqual({ prompt: 'call', text: first.stdout.slice(4, -1) });
  });

  it('says what to do when nothing was trained, and names what the model does not know', async () => {
    expect(await unroll('generate', 'small.rnn.json')).toMatchObject({ status: 1, stderr: expect.stringContaining('Train it first') });
    await unroll('train', 'small.rnn.json', '--steps', '2', '--run', 'mine');
    const { status, stdout, stderr } = await unroll('generate', 'small.rnn.json', '--run', 'mine', '--prompt', 'Ω');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect((await unroll('generate', 'none.rnn.json')).stderr).toMatch(/^none\.rnn\.json:1:1: error: .*does not exist/);
    expect(stderr).toContain('"Ω"');
    expect(readFileSync(join(folder, 'mine', 'vocabulary.json'), 'utf8')).not.toContain('Ω');
  });
});
