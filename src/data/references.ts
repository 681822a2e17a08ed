import type { ReferenceLoss } from './task';

/** Shannon entropy of counts, in nats: the best loss of a model that knows only how frequent each token is. */
export function entropy(counts: ArrayLike<number>): number {
  const all = Array.from(counts);
  const total = all.reduce((sum, count) => sum + count, 0);
  return all.reduce((sum, count) => (count > 0 ? sum - (count / total) * Math.log(count / total) : sum), 0);
}

/** How often each of `kinds` token numbers occurs. */
export function countNumbers(numbers: ArrayLike<number>, kinds: number): Float64Array {
  const counts = new Float64Array(kinds);
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i] ?? 0;
    counts[number] = (counts[number] ?? 0) + 1;
  }
  return counts;
}

/** Losses of knowing nothing (ln V) and of knowing frequencies alone, for tokens drawn like these. */
export function tokenReferences(numbers: ArrayLike<number>, kinds: number): ReferenceLoss[] {
  return [
    { label: `knows nothing: ln ${kinds}`, loss: Math.log(kinds) },
    { label: 'knows frequencies only', loss: entropy(countNumbers(numbers, kinds)) },
  ];
}
