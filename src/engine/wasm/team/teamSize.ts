/** How a piece of work is done: by all members, or by the leader alone. */
export type Way = 'together' | 'alone';

/** Pieces of work, at least and at most, for which a finding is believed before it is tested anew. */
const [shortest, longest] = [8, 256];

/**
 * Decides how the next piece of work is done. All members do best while each has a processor to itself. Where
 * something else wants one too, all wait at every barrier for the member that lost it, and the leader alone is faster.
 * That shows in waits so long that a member fell asleep; then one piece is tried alone, and the faster way is kept for
 * a while, for longer each time it proves right. Results do not depend on it: they have the same bits for any number.
 */
export class TeamSize {
  /** Operations a millisecond of the last piece that all did. */
  #together = 0;
  /** Pieces still to be done alone, and whether the one under way is the trial. */
  #alone = 0;
  #trying = false;
  /** Pieces for which the next stay alone lasts. */
  #stay = shortest;
  /** Pieces with long waits until the next trial, and after one that did not help. */
  #trust = 0;
  #patience = shortest;

  get next(): Way {
    return this.#alone > 0 ? 'alone' : 'together';
  }

  /** Takes in how fast a piece was, in operations a millisecond, and how often a member fell asleep at a barrier. */
  measured(way: Way, rate: number, sleeps: number): void {
    if (way === 'together') {
      this.#together = rate;
      if (sleeps === 0) this.#stay = shortest;
      else if (--this.#trust <= 0) [this.#alone, this.#trying] = [1, true];
      return;
    }
    this.#alone--;
    if (!this.#trying) return;
    this.#trying = false;
    if (rate > this.#together) {
      this.#alone = this.#stay;
      this.#stay = Math.min(2 * this.#stay, longest);
      this.#patience = shortest;
    } else {
      this.#trust = this.#patience;
      this.#patience = Math.min(2 * this.#patience, longest);
    }
  }
}
