import type { Vocabulary } from '../data/vocabulary';
import { decode, tokenNumbers } from '../data/vocabulary';
import type { Engine } from '../engine/engine';
import { Random } from '../shared/random';
import { drawToken, type Sampling } from './sampling';

export interface Generation {
  /** Tokens the model reads first; at least one. */
  readonly prompt: ArrayLike<number>;
  /** Tokens to write. */
  readonly length: number;
  readonly sampling: Sampling;
  readonly seed: number;
}

/** Writes text token by token with a language model; the same seed writes the same text. */
export function* generate(engine: Engine, { prompt, length, sampling, seed }: Generation): Generator<number, void> {
  const random = Random.fromSeed(seed);
  const state = engine.createState(1);
  let logits = new Float64Array();
  for (let i = 0; i < prompt.length; i++) logits = Float64Array.from(engine.predict(Int32Array.of(prompt[i] ?? 0), state));
  for (let written = 0; written < length; written++) {
    const token = drawToken(logits, sampling, random);
    yield token;
    if (written + 1 < length) logits = Float64Array.from(engine.predict(Int32Array.of(token), state));
  }
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

export function textStream(vocabulary: Vocabulary): TextStream {
  if (vocabulary.kind === 'spaced') return { push: (token) => ` ${decode([token], vocabulary)}`, end: () => '' };
  if (vocabulary.kind !== 'byte') return { push: (token) => decode([token], vocabulary), end: () => '' };
  const decoder = new TextDecoder();
  return {
    push: (token) => decoder.decode(Uint8Array.of(vocabulary.tokens[token]?.charCodeAt(0) ?? 0x3f), { stream: true }),
    end: () => decoder.decode(),
  };
}
