import type { Vocabulary } from '../data/vocabulary';
import { decode, tokenNumbers } from '../data/vocabulary';
import type { Engine, RecurrentState } from '../engine/engine';
import { Random } from '../shared/random';
import type { Tensor, Tensors } from '../shared/tensor';
import { beamSearch, type BeamStep } from './beamSearch';
import { drawToken, type Sampling } from './sampling';

/** How a text is continued: by drawing each token, or by the most probable continuation that a beam finds. */
export type Method = { readonly kind: 'sampling'; readonly sampling: Sampling; readonly seed: number } | { readonly kind: 'beam'; readonly width: number; readonly never?: number };

export interface Generation {
  /** Tokens the model reads first; at least one. */
  readonly prompt: ArrayLike<number>;
  /** Tokens to write. */
  readonly length: number;
  readonly method: Method;
}

/** Writes text with a language model, yielding tokens as soon as they are certain; the same request writes the same text. */
export function generate(engine: Engine, { prompt, length, method }: Generation): Generator<readonly number[], void> {
  return method.kind === 'beam' ? search(engine, prompt, length, method) : sample(engine, prompt, length, method);
}

function* sample(engine: Engine, prompt: ArrayLike<number>, length: number, { sampling, seed }: Method & { kind: 'sampling' }): Generator<readonly number[], void> {
  const random = Random.fromSeed(seed);
  const state = engine.createState(1);
  let logits = readPrompt(engine, prompt, state);
  for (let written = 0; written < length; written++) {
    const token = drawToken(logits, sampling, random);
    yield [token];
    if (written + 1 < length) logits = Float64Array.from(engine.predict(Int32Array.of(token), state));
  }
}

/** A language model's texts do not end, so all hypotheses are of one length and need no normalisation. */
function* search(engine: Engine, prompt: ArrayLike<number>, length: number, { width, never }: Method & { kind: 'beam' }): Generator<readonly number[], void> {
  const state = engine.createState(1);
  const first = readPrompt(engine, prompt, state);
  const beam = beamSearch({ first, step: beamStep(engine, state, width), width, length, never, alpha: 0 });
  let written = 0;
  let next = beam.next();
  for (; next.done !== true; next = beam.next()) {
    written += next.value.length;
    yield next.value;
  }
  const [best] = next.value;
  if (best) yield best.tokens.slice(written);
}

/** Logits [V] of what follows the prompt; moves the state of its one sequence. */
function readPrompt(engine: Engine, prompt: ArrayLike<number>, state: RecurrentState): Float64Array {
  let logits = new Float64Array();
  for (let i = 0; i < prompt.length; i++) logits = Float64Array.from(engine.predict(Int32Array.of(prompt[i] ?? 0), state));
  return logits;
}

/** Steps of a beam over a language model, from the state of one sequence. */
export function beamStep(engine: Engine, start: RecurrentState, width: number): BeamStep {
  const state = engine.createState(width);
  let saved = start.save();
  return (parents, tokens) => {
    // The engine's batch has `width` rows; rows beyond the hypotheses repeat the first and are not read.
    const rows = Array.from({ length: width }, (_, i) => parents[i] ?? 0);
    state.restore(stateRows(saved, rows));
    const logits = engine.predict(Int32Array.from(rows, (_, i) => tokens[i] ?? tokens[0] ?? 0), state);
    saved = state.save();
    return logits;
  };
}

/** A saved state made of these sequences of another. */
export function stateRows(saved: Tensors, rows: readonly number[]): Tensors {
  return new Map([...saved].map(([name, tensor]) => [name, rowsOf(tensor, rows)]));
}

/** The tensor made of these rows of a float tensor [B,H]. */
function rowsOf({ dtype, shape, data }: Tensor, rows: readonly number[]): Tensor {
  const size = shape[1] ?? 0;
  const picked = data instanceof Float64Array ? new Float64Array(rows.length * size) : new Float32Array(rows.length * size);
  rows.forEach((row, i) => {
    for (let unit = 0; unit < size; unit++) picked[i * size + unit] = Number(data[row * size + unit]);
  });
  return { dtype, shape: [rows.length, size], data: picked };
}

/** What a model reads when no prompt is given: the end of a line, if its data have lines. */
export function defaultPrompt(vocabulary: Vocabulary): Int32Array {
  return Int32Array.of(tokenNumbers(vocabulary).get('\n') ?? (vocabulary.unknown === 0 ? 1 : 0));
}

/** Turns tokens into text as they come; bytes that only together are a character come out together. */
export interface TextStream {
  push(token: number): string;
  end(): string;
}

/** `beginning`: nothing stands before the text, so its first token needs no space before it. */
export function textStream(vocabulary: Vocabulary, place: 'beginning' | 'going-on' = 'going-on'): TextStream {
  if (vocabulary.kind === 'spaced') {
    let space = place === 'beginning' ? '' : ' ';
    const push = (token: number): string => {
      const text = `${space}${decode([token], vocabulary)}`;
      space = ' ';
      return text;
    };
    return { push, end: () => '' };
  }
  if (vocabulary.kind !== 'byte') return { push: (token) => decode([token], vocabulary), end: () => '' };
  const decoder = new TextDecoder();
  return {
    push: (token) => decoder.decode(Uint8Array.of(vocabulary.tokens[token]?.charCodeAt(0) ?? 0x3f), { stream: true }),
    end: () => decoder.decode(),
  };
}
