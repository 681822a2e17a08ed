import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { cancelFlag, raise } from '../../../src/engineHost/cancel';
import { checkedKernels, type Checked } from '../../../src/engineHost/checkedKernels';
import { checkKernels } from '../../../src/engineHost/kernelCheck';
import { FlagReceiver, FlagSender, type ToProcess } from '../../../src/engineHost/processMessages';
import { startTurbo, type TurboOptions } from '../../../src/engineHost/turbo';
import { chooseFlags, knownFlags } from '../../../src/engineHost/turboFlags';
import type { WorkerHandle } from '../../../src/engineHost/workerHandle';
import { connect, type Remote } from '../../../src/shared/rpc';

// Each test starts a process, on machines that may have other things to do.
vi.setConfig({ testTimeout: 60_000 });

let folder = '';
const handles: WorkerHandle[] = [];

/** Stands in for the engine's worker: what a service does with the messages of a bridge. */
const echo = `
const { parentPort, workerData } = require('node:worker_threads');
const beats = new Int32Array(workerData.heartbeat);
parentPort.on('message', ({ id, method, argument }) => {
  if (method === 'wait') {
    // As in the middle of a step: messages do not come in, a flag does.
    const flag = new Int32Array(argument.cancel);
    while (Atomics.load(flag, 0) === 0) Atomics.add(beats, 0, 1);
  }
  if (method === 'fail') throw new Error('out of paper');
  parentPort.postMessage({ rpc: 'reply', id, result: method === 'pid' ? { pid: process.pid, flags: process.execArgv } : method === 'echo' ? argument : 'done' });
});
`;

/** What the stand-in answers. */
type Echo = { echo(value: unknown): Promise<unknown>; pid(): Promise<{ pid: number; flags: string[] }>; wait(request: { cancel: unknown }): Promise<string>; fail(): Promise<void> };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'unroll-turbo-'));
  writeFileSync(join(folder, 'worker.js'), echo);
  await build({ entryPoints: ['src/engineHost/engineProcess.ts'], outfile: join(folder, 'process.js'), bundle: true, platform: 'node', target: 'node20', format: 'cjs', logLevel: 'error' });
});
afterEach(() => handles.splice(0).forEach((handle) => handle.terminate()));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const someFlag = ['--wasm-tier-up']; // known to every version, and its default

function start(options: Partial<TurboOptions> = {}): { handle: WorkerHandle; engine: Remote<Echo>; logged: string[]; exits: string[] } {
  const [logged, exits]: [string[], string[]] = [[], []];
  const handle = startTurbo({ worker: join(folder, 'worker.js'), program: join(folder, 'process.js'), flags: someFlag, log: (text) => logged.push(text), ...options });
  handles.push(handle);
  handle.onExit((reason) => exits.push(reason));
  return { handle, engine: connect<Echo>(handle.transport, {}), logged, exits };
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const until = async (done: () => boolean): Promise<void> => {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe('turbo', () => {
  it('runs the engine in a process of its own, with the flags', async () => {
    const { engine, handle, logged } = start();
    const { pid, flags } = await engine.call('pid', undefined as never);
    expect(pid).not.toBe(process.pid);
    expect(flags).toContain('--wasm-tier-up');
    expect(logged).toEqual([]);
    handle.terminate();
    await until(() => !isAlive(pid));
  });

  it('carries typed arrays, maps and files larger than a pipe', async () => {
    const { engine } = start();
    const file = Uint8Array.from({ length: 3e7 }, (_, i) => i * 7);
    const sent = { file, tensors: new Map([['h', { dtype: 'F32', shape: [2], data: Float32Array.of(1.5, NaN) }]]), tokens: Int32Array.of(-1, 7), exact: Float64Array.of(Math.PI), missing: undefined };
    const back = (await engine.call('echo', sent)) as typeof sent;
    expect(Buffer.compare(back.file, file)).toBe(0);
    expect({ ...back, file: undefined }).toEqual({ ...sent, file: undefined });
    expect(back.tensors.get('h')!.data).toBeInstanceOf(Float32Array);
  });

  it('hears a cancellation while it computes, and shows that it lives', async () => {
    const { engine, handle } = start();
    const cancel = cancelFlag();
    const answer = engine.call('wait', { cancel });
    await until(() => handle.heartbeat() > 0);
    raise(cancel);
    await answer;
    // A flag that was raised before it was sent is raised there too.
    await engine.call('wait', { cancel });
  });

  it('leaves it to the program that started it what Ctrl+C means', async () => {
    const { engine, exits } = start();
    const { pid } = await engine.call('pid', undefined);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal);
    expect(await engine.call('echo', 'still here')).toBe('still here');
    expect(exits).toEqual([]);
  });

  it('tells why it ended', async () => {
    const { engine, exits } = start();
    const failing = engine.call('fail', undefined as never).catch((error: Error) => error.message);
    await until(() => exits.length > 0);
    expect(exits).toEqual(['The engine failed: out of paper']);
    void failing;
  });

  it('ends with the program that started it', async () => {
    const program = join(folder, 'parent.js');
    await build({
      stdin: { contents: `import { startTurbo } from './src/engineHost/turbo'; import { connect } from './src/shared/rpc'; const [, , worker, program] = process.argv; const handle = startTurbo({ worker, program, flags: ['--wasm-tier-up'], log: () => undefined }); connect(handle.transport, {}).call('pid', undefined).then(({ pid }) => console.log(pid));`, resolveDir: process.cwd(), loader: 'ts' },
      outfile: program, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error',
    });
    const parent: ChildProcess = spawn(process.execPath, [program, join(folder, 'worker.js'), join(folder, 'process.js')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((resolve) => parent.stdout!.once('data', (text) => resolve(Number(text))));
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !isAlive(pid));
  });

  it.each([
    ['no flag helps', { flags: [] }, /has no flag that helps/],
    ['the process does not start', { flags: ['--no-such-flag'] }, /its process ended at once/],
    ['its program is missing', { program: '/nowhere/process.js' }, /its process ended at once/],
  ])('falls back to the worker thread with a line in the log when %s', async (_, options, reason) => {
    const { engine, logged } = start(options);
    expect(await engine.call('echo', 'hello')).toBe('hello');
    expect((await engine.call('pid', undefined as never)).pid).toBe(process.pid);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatch(reason);
  });

  it('does not start a worker after it was ended', async () => {
    const { handle, engine, logged } = start({ flags: [] });
    handle.terminate();
    await until(() => logged.length > 0);
    let answered = false;
    void engine.call('echo', 1).then(() => (answered = true));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(answered).toBe(false);
  });
});

describe('the flags of turbo', () => {
  const all = '  --experimental-wasm-relaxed-simd (…)\n  --turboshaft-wasm (…)\n  --experimental-wasm-revectorize (…)\n';
  it.each([
    ['11.3.244.8-node.38', ['--experimental-wasm-relaxed-simd']],
    ['12.4.254.21-node.33', ['--turboshaft-wasm']],
    ['13.6.233.17-node.53', ['--experimental-wasm-revectorize']],
    ['14.2.231.9', ['--experimental-wasm-revectorize']],
  ])('of V8 %s are %j', (v8, flags) => {
    expect(chooseFlags(v8, all)).toEqual(flags);
    expect(chooseFlags(v8, '--turboshaft-wasm-load-elimination')).not.toContain('--experimental-wasm-revectorize');
    expect(chooseFlags(v8, '')).toEqual([]);
  });

  it('are asked of the program that runs', async () => {
    for (const flag of await knownFlags()) expect(flag).toMatch(/^--[a-z-]+$/);
  });
});

describe('the check of the kernels', () => {
  it('finds nothing wrong here', async () => {
    expect(await checkKernels()).toEqual({ variant: expect.any(String) });
  });

  it('is made again only until it has found nothing wrong', async () => {
    let checks = 0;
    const outcomes: Checked[] = [{ wrong: 'the kernels compute wrongly' }, { variant: 'plain' }];
    const ask = (): Promise<Checked> => checkedKernels(() => Promise.resolve(outcomes[checks++]!), join(folder, 'kept'));
    expect([await ask(), await ask(), await ask()]).toEqual([...outcomes, { variant: 'plain' }]);
    expect(checks).toBe(2);
  });
});

describe('flags that cannot be shared', () => {
  it('are raised on the other side when they are raised here', () => {
    const arrived: { argument: { cancel: SharedArrayBuffer } }[] = [];
    const receiver = new FlagReceiver((message) => arrived.push(message as never));
    const sender = new FlagSender((message: ToProcess) => receiver.receive(structuredClone(message)));
    const [first, second] = [cancelFlag()!, cancelFlag()!];
    sender.post({ rpc: 'request', argument: { cancel: first } });
    sender.post({ rpc: 'request', argument: { cancel: second } });
    sender.post({ rpc: 'notice', argument: undefined });
    raise(second);
    expect(arrived.slice(0, 2).map(({ argument: { cancel } }) => new Int32Array(cancel)[0])).toEqual([0, 1]);
    expect(arrived[2]).toEqual({ rpc: 'notice', argument: undefined });
  });
});
