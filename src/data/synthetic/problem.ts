import type { Random } from '../../shared/random';
import type { DataSizes } from '../../spec/architecture';
import type { ReferenceLoss } from '../task';
import type { Vocabulary } from '../vocabulary';

/** One sequence of T timesteps. */
export interface SyntheticSequence {
  /** Tokens [T], or values [T, features]. */
  readonly inputs: ArrayLike<number>;
  /** Tokens [T], −1 where there is no loss; or values [T, outputs], NaN where there is none. */
  readonly targets: ArrayLike<number>;
}

/** A problem with a known dependency, whose sequences are drawn one by one. */
export interface SyntheticProblem {
  readonly sizes: DataSizes;
  readonly vocabulary?: Vocabulary;
  /** Positions with a loss in each sequence. */
  readonly positions: number;
  /** Losses of trivial solutions, and of the best one where it is not 0. */
  readonly references: readonly ReferenceLoss[];
  draw(random: Random): SyntheticSequence;
}

/** Sizes of a problem that reads and writes tokens, one loss at each position. */
export function tokenSizes(vocabulary: number, outputs: number): DataSizes {
  return { input: { kind: 'tokens', vocabulary }, outputs, loss: 'tokens' };
}

/** The eight symbols of `copy`, `recall` and `none`. */
export const symbols: readonly string[] = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** A vocabulary of single characters whose outputs have names of their own. */
export function characterVocabulary(tokens: readonly string[], labels?: readonly string[]): Vocabulary {
  return { kind: 'char', tokens, labels };
}
