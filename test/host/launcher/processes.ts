import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { createServer } from 'node:net';

/** A program this process started, and the one that will end it. */
export interface OwnProcess {
  readonly child: ChildProcess;
  /** Everything it printed so far. */
  output(): string;
  /** Settles with its exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;
  /** Ends it and what it started; settles when it is gone. */
  end(): Promise<void>;
}

const graceMilliseconds = 5_000;
const mostOutput = 1 << 20;

/** Starts a program in a process group of its own, so that ending it leaves nothing behind. */
export function startProcess(command: string, args: readonly string[], options: SpawnOptions = {}): OwnProcess {
  const grouped = process.platform !== 'win32';
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options, detached: grouped });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-mostOutput);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(127);
    });
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 1));
  });
  let gone = false;
  void exited.then(() => (gone = true));

  const signalGroup = (signal: NodeJS.Signals): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(grouped ? -child.pid : child.pid, signal);
    } catch {
      // The group is already gone.
    }
  };
  const endNow = (): void => signalGroup('SIGKILL');
  process.once('exit', endNow);

  return {
    child,
    output: () => output,
    exited,
    async end() {
      signalGroup('SIGTERM');
      const force = setTimeout(endNow, graceMilliseconds);
      await exited;
      clearTimeout(force);
      if (gone) endNow(); // what it started may outlive it
      process.removeListener('exit', endNow);
    },
  };
}

/** Runs a program to its end; throws with the last lines it printed when it fails or takes longer than `timeout` milliseconds. */
export async function runProcess(command: string, args: readonly string[], options: SpawnOptions & { readonly timeout: number }): Promise<string> {
  const started = startProcess(command, args, options);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    void started.end();
  }, options.timeout);
  const code = await started.exited;
  clearTimeout(timer);
  await started.end();
  if (code === 0) return started.output();
  const ending = late ? `took longer than ${options.timeout / 1000} s` : `ended with ${code}`;
  throw new Error(`${command} ${args.join(' ')} ${ending}:\n${started.output().split('\n').slice(-15).join('\n')}`);
}

/** A TCP port of the loopback interface that nobody listens on right now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('No free port.'))));
    });
  });
}
