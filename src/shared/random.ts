/** A generator's state: four 32-bit words. */
export type RandomState = Uint32Array<ArrayBuffer>;

/**
 * Pseudo-random numbers from a seed: xoshiro128** 1.1 of Blackman and Vigna
 * (https://prng.di.unimi.it/xoshiro128starstar.c), its four words filled by SplitMix32. The same seed
 * gives the same numbers on every machine; not for secrets.
 */
export class Random {
  readonly #words: RandomState;

  private constructor(words: RandomState) {
    this.#words = words;
  }

  /** The generator of this seed (its low 32 bits count); different `stream`s of one seed are unrelated. */
  static fromSeed(seed: number, stream = 0): Random {
    const words = new Uint32Array(4);
    let counter = (seed ^ Math.imul(stream, 0x85ebca6b)) >>> 0;
    for (let i = 0; i < 4; i++) {
      counter = (counter + 0x9e3779b9) >>> 0;
      words[i] = mix(counter);
    }
    return new Random(words);
  }

  /** A generator that goes on where `state()` was taken. Throws a RangeError when it is not a state. */
  static fromState(state: ArrayLike<number>): Random {
    const words = Uint32Array.from(state);
    if (words.length !== 4 || words.every((word) => word === 0)) throw new RangeError('the saved state of a random generator is four 32-bit words, not all of them 0');
    return new Random(words);
  }

  /** A copy of the state, to be saved. */
  state(): RandomState {
    return this.#words.slice();
  }

  /** A whole number from 0 to 2³² − 1. */
  next(): number {
    const words = this.#words as unknown as [number, number, number, number];
    const result = Math.imul(rotateLeft(Math.imul(words[1], 5), 7), 9) >>> 0;
    const shifted = words[1] << 9;
    words[2] ^= words[0];
    words[3] ^= words[1];
    words[1] ^= words[2];
    words[0] ^= words[3];
    words[2] ^= shifted;
    words[3] = rotateLeft(words[3], 11);
    return result;
  }

  /** Uniform in [0, 1), with 53 random bits. */
  uniform(): number {
    const high = this.next() >>> 5;
    const low = this.next() >>> 6;
    return (high * 2 ** 26 + low) * 2 ** -53;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Fills an array with what so many calls of `between` give. In one loop: initial weights are drawn while nothing is compiled yet. */
  fillBetween(target: Float64Array, low: number, high: number): void {
    let [a, b, c, d] = this.#words as unknown as [number, number, number, number];
    let high27 = 0;
    for (let draw = 0; draw < 2 * target.length; draw++) {
      const mixed = Math.imul(b, 5);
      const next = Math.imul((mixed << 7) | (mixed >>> 25), 9) >>> 0;
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = (d << 11) | (d >>> 21);
      if (draw % 2 === 0) high27 = next >>> 5;
      else target[draw >> 1] = low + (high - low) * ((high27 * 2 ** 26 + (next >>> 6)) * 2 ** -53);
    }
    this.#words.set([a, b, c, d]);
  }

  /** A whole number from 0 to `bound` − 1, for bounds far below 2⁵³. */
  below(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  /** A draw from the normal distribution N(0, 1) (Box and Muller 1958; the second of the pair is left). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }
}

/** The finaliser of SplitMix32: every bit of the result depends on every bit of `value`. */
function mix(value: number): number {
  let z = value;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
