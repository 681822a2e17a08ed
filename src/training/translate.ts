import { decode, encode, targetEdges, type TranslationVocabularies } from '../data/vocabulary';
import type { Engine } from '../engine/engine';
import { Random } from '../shared/random';
import { beamSearch, type Hypothesis } from './beamSearch';
import { stateRows } from './generate';
import { drawToken, type Sampling } from './sampling';

/** How translations are searched for. */
export interface TranslationSearch {
  /** Hypotheses kept side by side; 1 is greedy search. */
  readonly width: number;
  /** Target tokens at most. */
  readonly length: number;
  /** α of the length normalisation; see `lengthPenalty`. */
  readonly alpha: number;
}

/** The length normalisation that Wu et al. 2016 found best, unless another is asked for. */
export const defaultAlpha = 0.6;

/**
 * Translates one source, given as token numbers: yields target tokens as soon as they are the same in
 * every hypothesis left, and returns the hypotheses, best first. The start token and the stand-in for rare
 * tokens are never written.
 */
export function* translate(engine: Engine, source: ArrayLike<number>, vocabularies: TranslationVocabularies, { width, length, alpha }: TranslationSearch): Generator<readonly number[], readonly Hypothesis[]> {
  const { start, end } = targetEdges(vocabularies);
  // The engine's batch has `width` rows, all of this source.
  const inputs = Int32Array.from({ length: source.length * width }, (_, i) => source[Math.floor(i / width)] ?? 0);
  const state = engine.encode({ steps: source.length, inputs }, width);
  const kinds = engine.architecture.outputs;
  const predict = (tokens: readonly number[]): Float64Array => {
    const logits = Float64Array.from(engine.predict(Int32Array.from({ length: width }, (_, i) => tokens[i] ?? tokens[0] ?? 0), state));
    for (let row = 0; row < width; row++) logits[row * kinds + start] = -Infinity;
    return logits;
  };
  const first = predict([start]).slice(0, kinds);
  return yield* beamSearch({
    first,
    step(parents, tokens) {
      state.restore(stateRows(state.save(), Array.from({ length: width }, (_, i) => parents[i] ?? 0)));
      return predict(tokens);
    },
    width,
    length,
    end,
    never: vocabularies.target.unknown,
    alpha,
  });
}

/** How translations are drawn. */
export interface TranslationDraw {
  /** Target tokens at most. */
  readonly length: number;
  readonly sampling: Sampling;
  readonly seed: number;
}

/** Translates one source by drawing each target token until the end token comes; the same seed draws the same. */
export function* drawTranslation(engine: Engine, source: ArrayLike<number>, vocabularies: TranslationVocabularies, { length, sampling, seed }: TranslationDraw): Generator<readonly number[], void> {
  const { start, end } = targetEdges(vocabularies);
  const random = Random.fromSeed(seed);
  const state = engine.encode({ steps: source.length, inputs: Int32Array.from(source) }, 1);
  let token = start;
  for (let written = 0; written < length; written++) {
    const logits = Float64Array.from(engine.predict(Int32Array.of(token), state));
    logits[start] = -Infinity;
    token = drawToken(logits, { ...sampling, never: vocabularies.target.unknown }, random);
    if (token === end) return;
    yield [token];
  }
}

/** The best translation of a text. Throws a DataError when it holds tokens that the source vocabulary lacks. */
export function translateText(engine: Engine, text: string, vocabularies: TranslationVocabularies, search: TranslationSearch): string {
  const translation = translate(engine, encode(text, vocabularies.source), vocabularies, search);
  let next = translation.next();
  while (next.done !== true) next = translation.next();
  return decode(next.value[0]?.tokens ?? [], vocabularies.target);
}

/** Translates several sources at once, each by always taking the most probable token; what a beam of width 1 finds. */
export function translateGreedily(engine: Engine, sources: readonly ArrayLike<number>[], vocabularies: TranslationVocabularies, length: number): number[][] {
  const { start, end } = targetEdges(vocabularies);
  const never = [start, vocabularies.target.unknown];
  const sequences = sources.length;
  const lengths = Int32Array.from(sources, (source) => source.length);
  const steps = Math.max(...lengths);
  const inputs = Int32Array.from({ length: steps * sequences }, (_, i) => sources[i % sequences]?.[Math.floor(i / sequences)] ?? 0);
  const state = engine.encode({ steps, inputs, lengths }, sequences);
  const kinds = engine.architecture.outputs;
  const written = sources.map((): number[] => []);
  const ended = new Uint8Array(sequences);
  let tokens = new Int32Array(sequences).fill(start);
  for (let t = 0; t < length && ended.includes(0); t++) {
    const logits = engine.predict(tokens, state);
    tokens = Int32Array.from(written, (own, b) => {
      let best = end;
      for (let kind = 0; kind < kinds; kind++) if (!never.includes(kind) && (logits[b * kinds + kind] ?? 0) > (logits[b * kinds + best] ?? 0)) best = kind;
      if (best === end) ended[b] = 1;
      else if (ended[b] === 0) own.push(best);
      return best;
    });
  }
  return written;
}

/** Smallest number of insertions, deletions and replacements that turn one sequence into another (Levenshtein 1966): what error rates count. */
export function editDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
