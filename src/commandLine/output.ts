import { RunError, SpecProblemsError } from '../runs/api';
import { problemLine } from './problemOutput';

/** Exit statuses of contract section 7. */
export const exitStatus = { done: 0, wrong: 1, usage: 2, diverged: 3, interrupted: 130 } as const;

/** A request that the command line does not understand or cannot do; exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Something wrong with a file that the command line was given; the message says what, and what to do. */
export class FileError extends Error {
  override readonly name = 'FileError';
  constructor(
    readonly path: string,
    message: string,
  ) {
    super(message);
  }
}

/** One JSON object on a line of its own. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** A sentence for a person who watches; nothing when standard output is a file or a pipe. */
export function tell(sentence: string): void {
  if (process.stdout.isTTY) process.stdout.write(`${sentence}\n`);
}

/** A sentence that a person must not miss, on standard error. */
export function warn(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

/**
 * Ends the program when what it prints cannot be written: without a word when a reader has seen enough
 * (`unroll … | head`), else with the reason. Work that can be stopped in order listens for SIGPIPE, which is
 * the signal for that; Node gives an error in its place.
 */
export function watchOutput(): void {
  // Nobody is left to be told.
  process.stderr.on('error', () => undefined);
  let told = false;
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') {
      if (!told) warn(`error: The output cannot be written: ${message}.`);
      told = true;
      process.exitCode = exitStatus.wrong;
    }
    if (!process.emit('SIGPIPE', 'SIGPIPE')) process.exit();
  });
}

/** Tells an error without a stack trace (UNROLL_DEBUG=1 shows it) and sets the exit status. */
export function report(error: unknown, shownPath?: string): void {
  if (error instanceof SpecProblemsError) {
    for (const problem of error.problems) warn(problemLine(shownPath ?? error.specPath, error.text, problem));
    process.exitCode = exitStatus.wrong;
  } else if (error instanceof FileError) {
    // A file that is not text has no better place than its beginning.
    warn(`${error.path}:1:1: error: ${error.message}`);
    process.exitCode = exitStatus.wrong;
  } else {
    const message = error instanceof Error ? error.message : String(error);
    const expected = error instanceof RunError || error instanceof UsageError;
    warn(expected ? `error: ${message}` : `error: ${message} (This was not expected; UNROLL_DEBUG=1 shows where it happened.)`);
    process.exitCode = error instanceof UsageError ? exitStatus.usage : exitStatus.wrong;
  }
  if (process.env.UNROLL_DEBUG === '1' && error instanceof Error && error.stack) warn(error.stack);
}
