import type { Random } from '../../shared/random';
import type { SyntheticProblem } from './problem';

/** Where the two marks stand. */
type Marks = readonly [number, number];

/**
 * Adding: at each step a value, uniform in [0, 1), and a mark, 0 or 1. Two steps are marked, one in each half; the target,
 * at the last step only, is the sum of their values (Hochreiter and Schmidhuber 1997). Answering always 1 costs the
 * variance of the sum, 1/6. With a lag the first mark stands exactly `lag` before the end and the
 * second, drawn from the second half, behind it.
 */
export function adding(length: number, lag?: number): SyntheticProblem {
  const half = Math.floor(length / 2);
  const marks = (random: Random): Marks => {
    const first = lag === undefined ? random.below(half) : length - 1 - lag;
    const least = Math.max(half, first + 1);
    return [first, least + random.below(length - least)];
  };
  return {
    sizes: { input: { kind: 'values', features: 2 }, outputs: 1, loss: 'values' },
    positions: 1,
    references: [{ label: 'answers always 1: 1/6', loss: 1 / 6 }],
    draw(random) {
      const inputs = new Float64Array(2 * length);
      for (let t = 0; t < length; t++) inputs[2 * t] = random.uniform();
      const targets = new Float64Array(length).fill(NaN);
      targets[length - 1] = 0;
      for (const t of marks(random)) {
        inputs[2 * t + 1] = 1;
        targets[length - 1] = (targets[length - 1] ?? 0) + (inputs[2 * t] ?? 0);
      }
      return { inputs, targets };
    },
  };
}
