import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A child process that answers each line of JSON with a line of JSON. */
export class Program {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #name: string;

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    this.#name = [command, ...args].join(' ');
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
    const { stdout } = this.#child;
    if (!stdout) throw new Error(`${this.#name} has no output`);
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  /** Throws an Error when the program ends before it has answered. */
  async ask<Answer>(request: unknown): Promise<Answer> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.#name} ended before it had answered`);
    return JSON.parse(value) as Answer;
  }

  /** Resolves when the process is gone. */
  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill();
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
