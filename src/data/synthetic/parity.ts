import { characterVocabulary, tokenSizes, type SyntheticProblem } from './problem';

const bits: readonly string[] = ['0', '1'];

/**
 * Parity: random bits; at every position t ≥ lag the target is x at t XOR x at t − lag. Neither bit alone
 * tells anything about it, so no pairwise statistic sees the dependency. Guessing costs ln 2.
 */
export function parity(length: number, lag: number): SyntheticProblem {
  return {
    sizes: tokenSizes(2, 2),
    vocabulary: characterVocabulary(bits, bits),
    positions: length - lag,
    references: [{ label: 'guesses: ln 2', loss: Math.LN2 }],
    draw(random) {
      const inputs = Int32Array.from({ length }, () => random.below(2));
      return { inputs, targets: inputs.map((bit, t) => (t < lag ? -1 : bit ^ (inputs[t - lag] ?? 0))) };
    },
  };
}
