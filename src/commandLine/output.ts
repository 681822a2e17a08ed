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
