import type { Answers, Groups } from '../answers';
import type { HeldOut, HeldOutSequence } from '../heldOut';
import { FeatureRows, type Features } from './features';

/** The last tokens are looked up as a whole up to those edges that are not beyond this lag. */
const furthest = 11;

/** Tokens that are counted at most. */
const mostCounted = 300_000;

/** Slots of the table of counts: twice as many as there can be entries of that many tokens. */
const slots = 2 ** 22;

/**
 * Probe C, contexts, for texts: what follows the last 1, 2, 3, 5 … 12 tokens, counted on the text that the model is
 * trained on and smoothed by the shorter ones (Witten and Bell 1991). Letters within a word depend on all letters
 * before them at once, which neither sums nor pairs can say. Columns are the shares of the groups of
 * classes; a length needs its oldest lag.
 */
export function contextFeatures(heldOut: HeldOut, answers: Answers, groups: Groups, training: Iterable<HeldOutSequence>, edges: readonly number[]): Features {
  const lookedUp = edges.filter((edge) => edge <= furthest);
  const counts = new ContextCounts(groups.count);
  let counted = 0;
  for (const { inputs, targets, steps } of training) {
    for (let t = 0; t < steps; t++) {
      const target = targets[t] ?? -1;
      if (target < 0) continue;
      eachContext(inputs, t, lookedUp, (context) => counts.add(context, groups.of[target] ?? 0));
      counted++;
    }
    if (counted >= mostCounted) break;
  }
  const rows = new FeatureRows(lookedUp.flatMap((lag) => new Array<number>(groups.count).fill(lag)));
  const shares = new Float64Array(groups.count);
  answers.sequence.forEach((sequence, row) => {
    shares.fill(1 / groups.count);
    eachContext(heldOut.sequences[sequence]?.inputs ?? [], answers.timestep[row] ?? 0, lookedUp, (context, place) => {
      counts.refine(context, shares);
      shares.forEach((share, group) => rows.put(place * groups.count + group, share));
    });
    rows.endRow();
  });
  return rows.finish();
}

/** A number for the last tokens of each length, as far as there are so many. */
function eachContext(tokens: ArrayLike<number>, t: number, lookedUp: readonly number[], visit: (context: number, place: number) => void): void {
  let context = 0x2545f491;
  let place = 0;
  for (let lag = 0; lag <= t && place < lookedUp.length; lag++) {
    context = mixed(context, (tokens[t - lag] ?? 0) + 1);
    if (lag === lookedUp[place]) visit(mixed(context, place), place++);
  }
}

function mixed(hash: number, value: number): number {
  const product = Math.imul(hash ^ value, 0x9e3779b1);
  return product ^ (product >>> 15);
}

/** How often each group of classes stood behind each context: a hash table in which a context is a number of 32 bits. */
class ContextCounts {
  readonly #keys = new Int32Array(slots);
  readonly #counts = new Int32Array(slots);
  readonly #own: Float64Array;

  constructor(readonly groups: number) {
    this.#own = new Float64Array(groups);
  }

  add(context: number, group: number): void {
    const slot = this.#slot(context, group);
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1;
  }

  /** Shares of the shorter context into those of this one: (n + d · shorter) / (N + d), with d the groups that were seen. */
  refine(context: number, shares: Float64Array): void {
    let [total, seen] = [0, 0];
    for (let group = 0; group < this.groups; group++) {
      const count = this.#counts[this.#slot(context, group)] ?? 0;
      this.#own[group] = count;
      total += count;
      if (count > 0) seen++;
    }
    if (seen > 0) this.#own.forEach((count, group) => (shares[group] = (count + seen * (shares[group] ?? 0)) / (total + seen)));
  }

  /** The slot of a context and group, or the free one where it would be. */
  #slot(context: number, group: number): number {
    const key = mixed(context, group + 1) | 1;
    let slot = (key >>> 1) % slots;
    while (this.#counts[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) % slots;
    this.#keys[slot] = key;
    return slot;
  }
}
