import { closest, distance } from 'fastest-levenshtein';

/** The one of `known` that was probably meant by `word`; undefined when none is near. Case does not count. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const lower = word.toLowerCase();
  const best = closest(lower, known.map((candidate) => candidate.toLowerCase()));
  const candidate = known.find((entry) => entry.toLowerCase() === best);
  const farthest = Math.max(1, Math.floor(Math.max(word.length, best.length) * 0.5));
  return distance(lower, best) <= farthest ? candidate : undefined;
}

/** `"rnn", "lstm" or "gru"`. */
export function alternatives(values: readonly unknown[]): string {
  const words = values.map((value) => JSON.stringify(value));
  const last = words.pop() ?? '';
  return words.length > 0 ? `${words.join(', ')} or ${last}` : last;
}
