/** How a piece of work is done: by all members, or by the leader alone. */
export type Way = 'together' | 'alone';

/** Milliseconds, at least and at most, for which the leader stays alone before all work together again. */
const [shortest, longest] = [20, 10_000];
/** Pieces of work with long waits, at least and at most, until the leader is tried alone again. */
const [fewest, most] = [8, 256];

/**
 * Decides how the next piece of work is done. All members do best while each has a processor to itself. Where
 * something else wants one too, all wait at every barrier for the member that lost it, and the leader alone is faster.
 * That shows in waits so long that a member fell asleep; then one piece is tried alone, and the faster way is kept for
 * a while, for longer each time it proves right. Results do not depend on it: they have the same bits for any number.
 */
export class TeamSize {
  /** Operations a millisecond of the last piece that all did. */
  #together = 0;
  /** Milliseconds still to be spent alone, and whether the piece under way is the trial. */
  #alone = 0;
  #trying = false;
  /** Milliseconds for which the next stay alone lasts. */
  #stay = shortest;
  /** Pieces with long waits until the next trial, and after one that did not help. */
  #trust = 0;
  #patience = fewest;

  get next(): Way {
    return this.#trying || this.#alone > 0 ? 'alone' : 'together';
  }

  /** Takes in how long a piece of so many operations took, and how often a member fell asleep at a barrier. */
  measured(way: Way, operations: number, milliseconds: number, sleeps: number): void {
    const rate = operations / milliseconds;
    if (way === 'together') {
      this.#together = rate;
      if (sleeps === 0) this.#stay = shortest;
      else if (--this.#trust <= 0) this.#trying = true;
      return;
    }
    if (!this.#trying) {
      this.#alone -= milliseconds;
      return;
    }
    this.#trying = false;
    if (rate > this.#together) {
      this.#alone = this.#stay;
      this.#stay = Math.min(2 * this.#stay, longest);
      this.#patience = fewest;
    } else {
      this.#trust = this.#patience;
      this.#patience = Math.min(2 * this.#patience, most);
    }
  }
}
