import { copiedSymbols } from '../../spec/synthetic';
import { characterVocabulary, symbols, tokenSizes, type SyntheticProblem } from './problem';

/**
 * Copy: 10 symbols of 8, `lag` blanks, a mark and blanks; from the mark on the target is the 10 symbols again, before it
 * the blank (Hochreiter and Schmidhuber 1997; in this form Arjovsky et al. 2016). T = lag + 20; each symbol
 * waits lag + 10 steps. Knowing everything but the symbols costs 10·ln 8 / (lag + 20).
 */
export function copy(lag: number): SyntheticProblem {
  const length = lag + 2 * copiedSymbols;
  const blank = symbols.length;
  const mark = blank + 1;
  const begin = copiedSymbols + lag;
  return {
    sizes: tokenSizes(symbols.length + 2, symbols.length + 1),
    vocabulary: characterVocabulary([...symbols, '·', '|'], [...symbols, '·']),
    positions: length,
    references: [{ label: `writes any symbols: 10·ln 8 / ${length}`, loss: (copiedSymbols * Math.log(symbols.length)) / length }],
    draw(random) {
      const inputs = new Int32Array(length).fill(blank);
      const targets = new Int32Array(length).fill(blank);
      inputs[begin] = mark;
      for (let i = 0; i < copiedSymbols; i++) targets[begin + i] = inputs[i] = random.below(symbols.length);
      return { inputs, targets };
    },
  };
}
