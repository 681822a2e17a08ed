import type { Random } from '../shared/random';

/** How the next token is drawn from the logits. */
export interface Sampling {
  /** Logits are divided by it; 0 takes the most likely token (greedy). */
  readonly temperature: number;
  /** Only the k most likely tokens (Fan et al. 2018). */
  readonly topK?: number;
  /** Only the smallest set of most likely tokens whose probabilities, after temperature and top-k, sum to at least p (nucleus sampling, Holtzman et al. 2020). */
  readonly topP?: number;
  /** A token that is never drawn. */
  readonly never?: number;
}

/** Numbers of the tokens, most likely first (of equals the lower number first), the one never drawn left out. */
function ranked(logits: ArrayLike<number>, never: number | undefined): number[] {
  return Array.from(logits, (_, token) => token)
    .filter((token) => token !== never)
    .sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b);
}

/** Probabilities of the logits, exp(xᵢ − max) / Σ, in the order given. */
export function softmax(logits: ArrayLike<number>): Float64Array {
  const probabilities = Float64Array.from(logits);
  const most = probabilities.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (let i = 0; i < probabilities.length; i++) sum += probabilities[i] = Math.exp((probabilities[i] ?? 0) - most);
  return probabilities.map((value) => value / sum);
}

/** Natural logarithms of the softmax, xᵢ − max − ln Σ exp(xⱼ − max); −∞ stays −∞. */
export function logSoftmax(logits: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(logits);
  const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = values.reduce((total, value) => total + Math.exp(value - most), 0);
  return values.map((value) => value - most - Math.log(sum));
}

/** Places of the `count` largest values, largest first (of equals the lower place first). */
export function topIndices(values: ArrayLike<number>, count: number): number[] {
  const best: number[] = [];
  for (let index = 0; index < values.length; index++) {
    const place = best.findIndex((other) => (values[index] ?? 0) > (values[other] ?? 0));
    if (place >= 0) best.splice(place, 0, index);
    else if (best.length < count) best.push(index);
    if (best.length > count) best.pop();
  }
  return best;
}

/** The `count` most likely tokens with their probabilities, most likely first. */
export function mostLikely(logits: ArrayLike<number>, count: number): { token: number; probability: number }[] {
  const probabilities = softmax(logits);
  return topIndices(probabilities, count).map((token) => ({ token, probability: probabilities[token] ?? 0 }));
}

/** Draws the next token. Greedy draws nothing from `random`. */
export function drawToken(logits: ArrayLike<number>, { temperature, topK, topP, never }: Sampling, random: Random): number {
  const candidates = ranked(logits, never);
  const [first = 0] = candidates;
  if (temperature === 0) return first;
  const kept = topK === undefined ? candidates : candidates.slice(0, Math.max(1, topK));
  const probabilities = softmax(kept.map((token) => (logits[token] ?? 0) / temperature));

  let nucleus = 1;
  let size = probabilities.length;
  if (topP !== undefined) {
    nucleus = 0;
    size = 0;
    while (size < probabilities.length && (size === 0 || nucleus < topP)) nucleus += probabilities[size++] ?? 0;
  }

  let rest = random.uniform() * nucleus;
  for (let i = 0; i < size; i++) {
    rest -= probabilities[i] ?? 0;
    if (rest < 0) return kept[i] ?? first;
  }
  return kept[size - 1] ?? first;
}
