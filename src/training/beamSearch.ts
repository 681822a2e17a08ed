import { logSoftmax, topIndices } from './sampling';

/**
 * Advances all hypotheses at once: hypothesis i goes on from hypothesis `parents[i]` of the call
 * before and reads `tokens[i]`. Returns the logits of what follows, [tokens.length, V].
 */
export type BeamStep = (parents: readonly number[], tokens: readonly number[]) => ArrayLike<number>;

export interface BeamSearch {
  /** Logits of the first token, [V]; the one hypothesis that the first call of `step` goes on from. */
  readonly first: ArrayLike<number>;
  readonly step: BeamStep;
  /** Hypotheses that are kept; 1 is greedy search. */
  readonly width: number;
  /** Tokens at most. */
  readonly length: number;
  /** A token that ends a hypothesis; without one all grow to `length`. */
  readonly end?: number;
  /** A token that is never written. */
  readonly never?: number;
  /** α of `lengthPenalty`. */
  readonly alpha: number;
}

/** A written sequence. */
export interface Hypothesis {
  /** Without the end token. */
  readonly tokens: readonly number[];
  /** Natural logarithm of its probability, the end token's included. */
  readonly logProbability: number;
  /** `logProbability` over the length penalty; hypotheses are ranked by it. */
  readonly score: number;
}

/**
 * Length normalisation of Wu et al. 2016 (Google's NMT, equation 14), ((5 + |Y|) / 6)^α with |Y| the
 * number of tokens, the end token's included. Without it every further token makes a sequence less
 * probable, so that short ones win; α = 0 is no normalisation, 0.6 to 0.7 is usual.
 */
export function lengthPenalty(tokens: number, alpha: number): number {
  return ((5 + tokens) / 6) ** alpha;
}

/** A hypothesis as a chain of tokens, so that extending one copies nothing. */
interface Chain {
  readonly parent?: Chain;
  readonly token: number;
  readonly length: number;
  readonly logProbability: number;
}

/** An extension of the hypothesis in row `row`. */
interface Extension {
  readonly row: number;
  readonly chain: Chain;
}

/**
 * Searches for the most probable sequence (by score), `width` hypotheses side by side. Yields tokens as
 * soon as they are settled, that is, the same in every hypothesis left; each step yields once, if only
 * nothing. Returns the hypotheses found, best first; the tokens yielded are the beginning of the best.
 *
 * Of equal scores the extension of the better hypothesis, then the lower token wins, so the result
 * depends on nothing but the logits. Hypotheses that have not ended after `length` tokens count only
 * where none has ended.
 */
export function* beamSearch({ first, step, width, length, end, never, alpha }: BeamSearch): Generator<readonly number[], readonly Hypothesis[]> {
  const root: Chain = { token: -1, length: 0, logProbability: 0 };
  const vocabulary = first.length;
  let live: readonly Chain[] = [root];
  let ended: Hypothesis[] = [];
  let settled = 0;
  let logits = first;

  for (let written = 0; written < length && live.length > 0; written++) {
    // 1. The best extensions of all hypotheses. Each can add at most `width` live ones and one ended.
    const extensions = live.flatMap((chain, row) => extend(chain, row, rowOf(logits, row, vocabulary), width + 1, never));
    extensions.sort((a, b) => b.chain.logProbability - a.chain.logProbability);

    // 2. Down the ranking until `width` go on; those met on the way that end are results.
    const next: Extension[] = [];
    for (const extension of extensions) {
      if (next.length === width) break;
      if (extension.chain.token === end) ended.push(hypothesis(extension.chain, alpha, 'ended'));
      else next.push(extension);
    }
    ended = ranked(ended).slice(0, width);
    live = next.map(({ chain }) => chain);

    // 3. Probabilities only fall, so what goes on can at best score this; then nothing better can come.
    const bound = (live[0]?.logProbability ?? -Infinity) / lengthPenalty(length, alpha);
    if (ended.length > 0 && (ended[0]?.score ?? -Infinity) >= bound) live = [];

    const news = commonBeginning([...live.map((chain) => tokensOf(chain, settled)), ...ended.map(({ tokens }) => tokens.slice(settled))]);
    yield news;
    settled += news.length;
    if (live.length > 0 && written + 1 < length) logits = step(next.map(({ row }) => row), live.map(({ token }) => token));
  }
  return ended.length > 0 ? ended : ranked(live.map((chain) => hypothesis(chain, alpha, 'unended')));
}

function extend(chain: Chain, row: number, logits: Float64Array, count: number, never: number | undefined): Extension[] {
  if (never !== undefined) logits[never] = -Infinity;
  const logProbabilities = logSoftmax(logits);
  return topIndices(logProbabilities, count)
    .filter((token) => token !== never)
    .map((token) => ({ row, chain: { parent: chain, token, length: chain.length + 1, logProbability: chain.logProbability + (logProbabilities[token] ?? -Infinity) } }));
}

function rowOf(logits: ArrayLike<number>, row: number, width: number): Float64Array {
  return Float64Array.from({ length: width }, (_, i) => logits[row * width + i] ?? -Infinity);
}

function hypothesis(chain: Chain, alpha: number, state: 'ended' | 'unended'): Hypothesis {
  const { length, logProbability } = chain;
  const tokens = tokensOf(chain);
  return { tokens: state === 'ended' ? tokens.slice(0, -1) : tokens, logProbability, score: logProbability / lengthPenalty(length, alpha) };
}

function ranked(hypotheses: readonly Hypothesis[]): Hypothesis[] {
  return [...hypotheses].sort((a, b) => b.score - a.score);
}

/** Its tokens without the first `from`. */
function tokensOf(chain: Chain, from = 0): number[] {
  const tokens: number[] = [];
  for (let at: Chain = chain; at.parent && at.length > from; at = at.parent) tokens.push(at.token);
  return tokens.reverse();
}

function commonBeginning([first = [], ...others]: readonly (readonly number[])[]): readonly number[] {
  const differs = first.findIndex((token, i) => others.some((other) => other[i] !== token));
  return differs < 0 ? first : first.slice(0, differs);
}
