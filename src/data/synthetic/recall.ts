import { characterVocabulary, symbols, tokenSizes, type SyntheticProblem } from './problem';

/** Recall: random symbols of 8; at every position t ≥ lag the target is the symbol of position t − lag. Guessing costs ln 8. */
export function recall(length: number, lag: number): SyntheticProblem {
  return {
    sizes: tokenSizes(symbols.length, symbols.length),
    vocabulary: characterVocabulary(symbols, symbols),
    positions: length - lag,
    references: [{ label: 'guesses: ln 8', loss: Math.log(symbols.length) }],
    draw(random) {
      const inputs = Int32Array.from({ length }, () => random.below(symbols.length));
      return { inputs, targets: inputs.map((_, t) => inputs[t - lag] ?? -1) };
    },
  };
}
