import type { Checkpointed } from '../engine';

/**
 * Floating-point operations of a thread between two calls of `alive`: 1 ms at 40 GFLOP/s, and on a machine ten times
 * slower still within the promised 20 ms.
 */
const stretch = 4e7;

/** Asks `alive` whenever a stretch of work is done. */
export class Pace {
  #alive: Checkpointed | undefined;
  #left = stretch;

  /** A new piece of work begins, which asks this from now on. */
  begin(alive: Checkpointed | undefined): void {
    this.#alive = alive;
    this.#left = stretch;
    alive?.();
  }

  /** Operations until the next question; more than 0. */
  get left(): number {
    return this.#left;
  }

  /** This many operations have been done. */
  spend(operations: number): void {
    this.#left -= operations;
    if (this.#left > 0) return;
    this.#left = stretch;
    this.#alive?.();
  }
}
