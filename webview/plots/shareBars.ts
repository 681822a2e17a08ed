import { sum } from 'd3-array';

/** Entries that share a bar. */
export interface ShareBar {
  /** Entries [first, last]. */
  readonly first: number;
  readonly last: number;
  /** How many of them are flagged. */
  readonly count: number;
  /** Those over all of them, 0 to 1. */
  readonly share: number;
}

/** Few enough that each can be told from its neighbours. */
const mostBars = 40;

const entriesOfBar = (length: number): number => Math.max(1, Math.ceil(length / mostBars));

/** Bars over all entries, each of as many of them; the last one may have fewer. */
export function shareBars(flags: Uint8Array): readonly ShareBar[] {
  return Array.from({ length: Math.ceil(flags.length / entriesOfBar(flags.length)) }, (_, bar) => barAt(flags, bar));
}

/** The bar that an entry belongs to. */
export function barOf(flags: Uint8Array, index: number): ShareBar {
  return barAt(flags, Math.floor(index / entriesOfBar(flags.length)));
}

function barAt(flags: Uint8Array, bar: number): ShareBar {
  const size = entriesOfBar(flags.length);
  const [first, last] = [bar * size, Math.min(flags.length, (bar + 1) * size) - 1];
  const count = sum(flags.subarray(first, last + 1));
  return { first, last, count, share: count / (last - first + 1) };
}
