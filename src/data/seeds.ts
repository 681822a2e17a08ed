import { Random } from '../shared/random';

/** Keeps the numbers of the data apart from those of initial weights and dropout, which come from the same seed. */
const dataStream = 0x64617461;

/** Which numbers: those of a training epoch or step, or those of validation. Two different draws share none. */
export interface Draw {
  readonly part: 'training' | 'validation';
  readonly index: number;
}

/** The generator of a draw from a training seed. */
export function randomFor(seed: number, { part, index }: Draw): Random {
  // Even and odd streams of one seed never meet.
  return Random.fromSeed(Random.fromSeed(seed, dataStream).next(), 2 * index + (part === 'validation' ? 1 : 0));
}

/** Shuffles in place (Fisher and Yates, Durstenfeld 1964). */
export function shuffle(numbers: Int32Array, random: Random): Int32Array {
  for (let i = numbers.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [numbers[i], numbers[j]] = [numbers[j] ?? 0, numbers[i] ?? 0];
  }
  return numbers;
}
