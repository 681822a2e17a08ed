/**
 * Inverted dropout (Srivastava et al. 2014): a value is 0 with probability `rate`, otherwise it is scaled
 * by 1/(1 − rate), so that nothing changes in expectation and evaluation needs no scaling. It acts on a
 * layer's hidden states [T,B,C] (all directions side by side) before the connection, so that the way
 * around the layer stays whole, and independently at every timestep.
 *
 * Each element's fate depends on its place only, not on the order in which elements are visited, so
 * every engine and any number of threads drop the same ones.
 */
export interface Dropout {
  readonly rate: number;
  /** Of the training step and layer; see `dropoutKey`. */
  readonly key: number;
}

/** The key of layer `layer` in a training step with this seed. */
export function dropoutKey(seed: number, layer: number): number {
  return scramble((seed ^ Math.imul(layer + 1, 0x9e3779b1)) >>> 0);
}

/** Factor of element `index` (row-major in [T,B,C]): 0 or 1/(1 − rate). */
export function dropoutFactor({ rate, key }: Dropout, index: number): number {
  return scramble((scramble(index) ^ key) >>> 0) * 2 ** -32 < rate ? 0 : 1 / (1 - rate);
}

/** The finaliser of MurmurHash3 (Appleby, public domain): a bijection of 32-bit words without visible structure. */
function scramble(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
