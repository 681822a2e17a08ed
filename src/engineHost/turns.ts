/**
 * Fair turns for several long jobs on one thread: each runs for a slice, then stands at the end of
 * the queue. Before every turn `pause` lets waiting messages in, so that short requests are
 * answered between any two slices. Jobs of equal slices get equal time.
 */
export class Turns {
  readonly #pause: () => Promise<void>;
  readonly #queue: (() => void)[] = [];
  #serving = false;

  constructor(pause: () => Promise<void>) {
    this.#pause = pause;
  }

  /** Resolves when it is the caller's turn, which lasts until it awaits something. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#queue.push(resolve);
      if (!this.#serving) void this.#serve();
    });
  }

  async #serve(): Promise<void> {
    this.#serving = true;
    while (this.#queue.length > 0) {
      await this.#pause();
      this.#queue.shift()?.();
    }
    this.#serving = false;
  }
}
