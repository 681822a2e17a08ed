import { encode, tokenText, type Vocabulary } from '../data/vocabulary';
import type { Batch, Checkpointed, Engine } from '../engine/engine';
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
 * A text as one sequence: the model reads all its tokens and should predict each but the first; the
 * position of the last token has no target and no loss.
 * Throws a SampleError when the text is too short or too long, a DataError when it holds unknown tokens.
 */
export function sampleBatch(text: string, vocabulary: Vocabulary): Batch & { readonly inputs: Int32Array } {
  const inputs = encode(text, vocabulary);
  if (inputs.length < 2) throw new SampleError(`A sample needs at least two tokens, one to read and one to predict (got ${inputs.length}). Write a longer one.`);
  if (inputs.length > mostSampleTokens) throw new SampleError(`The sample has ${inputs.length} tokens; the Inspector shows at most ${mostSampleTokens}. Shorten it.`);
  return { steps: inputs.length, sequences: 1, inputs, targets: Int32Array.from(inputs, (_, t) => inputs[t + 1] ?? -1) };
}

/** Traces a text with a language model; gradients of the parameters are left out. Throws as `sampleBatch` does. */
export function traceText({ engine, vocabulary, text, step, alive, now }: TextInspection): TextTrace {
  const batch = sampleBatch(text, vocabulary);
  const begin = now();
  const all = engine.trace(batch, { flow: 'with-flow', alive });
  const milliseconds = now() - begin;

  const tensors = new Map([...all].filter(([name]) => !name.startsWith('grad.param.')));
  const read = (number: number): string => tokenText(number, vocabulary);
  return {
    step,
    tokens: Array.from(batch.inputs, read),
    targets: Array.from(batch.inputs.subarray(1), read),
    predictions: predictionsOf(tensors.get('output.logits')?.data ?? [], batch.steps, read),
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
