import type { Checkpointed } from '../engine';

/**
 * Floating-point operations between two calls of `alive`: 1 ms at 40 GFLOP/s, and on a machine ten times
 * slower still within the promised 20 ms.
 */
export const stretch = 4e7;

/** Asks `alive` whenever a stretch of work is done. */
export class Pace {
  #alive: Checkpointed | undefined;
  #spent = 0;

  /** A new piece of work begins, which asks this from now on. */
  begin(alive: Checkpointed | undefined): void {
    this.#alive = alive;
    this.#spent = 0;
    alive?.();
  }

  /** This many operations have been done. */
  spend(operations: number): void {
    this.#spent += operations;
    if (this.#spent < stretch) return;
    this.#spent = 0;
    this.#alive?.();
  }
}

/** How many pieces that cost this much each fit into one stretch; at least one. */
export function piecesInStretch(operationsEach: number): number {
  return Math.max(1, Math.floor(stretch / Math.max(operationsEach, 1)));
}
