import { encode, tokenText, type Vocabulary } from '../data/vocabulary';
import type { Checkpointed, Engine } from '../engine/engine';
import type { TextTrace } from '../shared/run';
import { mostLikely } from './sampling';

/** The longest sample: a flow matrix of this side is 4 MB, and its time grows with the square. */
export const mostSampleTokens = 1024;

export interface TextInspection {
  readonly engine: Engine;
  readonly vocabulary: Vocabulary;
  readonly text: string;
  /** Step of the engine's weights. */
  readonly step: number;
  readonly alive?: Checkpointed;
  /** Milliseconds from any fixed point. */
  readonly now: () => number;
}

/** A text that cannot be traced; the message is for a person. */
export class SampleError extends Error {
  override readonly name = 'SampleError';
}

/**
 * Traces a text with a language model: the model reads all tokens but the last and should predict
 * all but the first, so T is one less than the number of tokens. Gradients of the parameters are left out.
 * Throws a SampleError when the text is too short or too long, a DataError when it holds unknown tokens.
 */
export function traceText({ engine, vocabulary, text, step, alive, now }: TextInspection): TextTrace {
  const numbers = encode(text, vocabulary);
  if (numbers.length < 2) throw new SampleError(`A sample needs at least two tokens, one to read and one to predict (got ${numbers.length}). Write a longer one.`);
  if (numbers.length > mostSampleTokens) throw new SampleError(`The sample has ${numbers.length} tokens; the Inspector shows at most ${mostSampleTokens}. Shorten it.`);
  const inputs = numbers.slice(0, -1);
  const targets = numbers.slice(1);

  const begin = now();
  const all = engine.trace({ steps: inputs.length, sequences: 1, inputs, targets }, { flow: 'with-flow', alive });
  const milliseconds = now() - begin;

  const tensors = new Map([...all].filter(([name]) => !name.startsWith('grad.param.')));
  const read = (number: number): string => tokenText(number, vocabulary);
  return {
    step,
    tokens: Array.from(inputs, read),
    targets: Array.from(targets, read),
    predictions: predictionsOf(tensors.get('output.logits')?.data ?? [], inputs.length, read),
    tensors,
    layers: engine.architecture.layers.map(({ cell, units, directions, connection }) => ({ cell, units, directions, connection })),
    milliseconds,
  };
}

/** The three most likely next tokens at each step, from logits [T,1,V]. */
function predictionsOf(logits: ArrayLike<number | bigint>, steps: number, read: (token: number) => string): TextTrace['predictions'] {
  const kinds = steps > 0 ? logits.length / steps : 0;
  const values = Float64Array.from(logits, Number);
  return Array.from({ length: steps }, (_, t) =>
    mostLikely(values.subarray(t * kinds, (t + 1) * kinds), 3).map(({ token, probability }) => ({ token: read(token), probability })),
  );
}
