import { entropy } from '../references';
import { characterVocabulary, symbols, tokenSizes, type SyntheticProblem } from './problem';

/** How often the target is the last symbol and the one before; else it is noise. */
const [lastShare, beforeShare] = [0.5, 0.25];

/**
 * None: random symbols of 8 as in `recall`, with targets from the same position on, but no long dependency: the target
 * is the symbol read last (half the time), the one before it (a quarter) or any of the 8 (a quarter).
 */
export function none(length: number, lag: number): SyntheticProblem {
  const begin = Math.max(1, lag);
  return {
    sizes: tokenSizes(symbols.length, symbols.length),
    vocabulary: characterVocabulary(symbols, symbols),
    positions: length - begin,
    references: [
      { label: 'guesses: ln 8', loss: Math.log(symbols.length) },
      { label: 'knows all there is: the last two symbols', loss: bestLoss() },
    ],
    draw(random) {
      const inputs = Int32Array.from({ length }, () => random.below(symbols.length));
      const targets = inputs.map((last, t) => {
        if (t < begin) return -1;
        const chance = random.uniform();
        if (chance < lastShare) return last;
        return chance < lastShare + beforeShare ? (inputs[t - 1] ?? 0) : random.below(symbols.length);
      });
      return { inputs, targets };
    },
  };
}

/** Entropy of the target given the last two symbols, which are the same one time in eight. */
function bestLoss(): number {
  const noise = symbols.map(() => (1 - lastShare - beforeShare) / symbols.length);
  const given = (...shares: readonly number[]): number => entropy(noise.map((share, symbol) => share + (shares[symbol] ?? 0)));
  return given(lastShare + beforeShare) / symbols.length + (given(lastShare, beforeShare) * (symbols.length - 1)) / symbols.length;
}
