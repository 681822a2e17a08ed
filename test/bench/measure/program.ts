import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** A child process that answers each line of JSON with a line of JSON. */
export class Program {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #name: string;

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    this.#name = [command, ...args].join(' ');
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
    // What is written to a program that has ended is not missed: its answer is.
    this.#child.stdin?.on('error', () => undefined);
    const { stdout } = this.#child;
    if (!stdout) throw new Error(`${this.#name} has no output`);
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  /** Throws an Error when the program ends before it has answered, or takes longer than so many seconds. */
  async ask<Answer>(request: unknown, seconds = 300): Promise<Answer> {
    const late = new AbortController();
    const tooLate = sleep(seconds * 1000, 'late' as const, { signal: late.signal, ref: false });
    try {
      this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
      const line = await Promise.race([this.#lines.next(), tooLate]);
      if (line === 'late') throw new Error(`${this.#name} had not answered after ${seconds} s`);
      if (line.done) throw new Error(`${this.#name} ended before it had answered`);
      return JSON.parse(line.value) as Answer;
    } finally {
      tooLate.catch(() => undefined);
      late.abort();
    }
  }

  /** Resolves when the process is gone. */
  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await gone;
  }
}

/** Makes this process such a program: `answer` is called for one line after the other. What it computes meanwhile is told along, in seconds. */
export async function answerLines<Request>(answer: (request: Request) => object | Promise<object>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const before = process.cpuUsage();
    const answered = await answer(JSON.parse(line) as Request);
    const { user, system } = process.cpuUsage(before);
    console.log(JSON.stringify({ ...answered, computed: (user + system) / 1e6 }));
  }
}
