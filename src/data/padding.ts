import { lengthOf, sequenceOf, type Sequences } from './sequences';

/** Sequences side by side, time first. */
export interface Padded {
  /** T, the longest length. */
  readonly steps: number;
  /** [T,B]; padding holds `fill`. */
  readonly tokens: Int32Array;
  /** [B]. */
  readonly lengths: Int32Array;
}

/** Puts sequences `examples` side by side and fills the shorter ones up at their ends. */
export function padded(sequences: Sequences, examples: Int32Array, fill: number): Padded {
  const lengths = examples.map((example) => lengthOf(sequences, example));
  const steps = lengths.reduce((most, length) => Math.max(most, length), 0);
  const tokens = new Int32Array(steps * examples.length).fill(fill);
  examples.forEach((example, b) => sequenceOf(sequences, example).forEach((token, t) => (tokens[t * examples.length + b] = token)));
  return { steps, tokens, lengths };
}
