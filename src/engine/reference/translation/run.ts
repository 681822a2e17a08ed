import type { Architecture } from '../../../spec/architecture';
import type { EncoderShape } from '../../../spec/encoder';
import type { Batch, Checkpointed, SourceBatch } from '../../engine';
import type { ProcessingOrder } from '../../order';
import { linear, linearBackward, linearGradient } from '../linear';
import { columns, sideBySide, zeros, type Matrix } from '../matrix';
import type { NetworkRun } from '../network';
import { arrange, arrangeStack, type ParameterData } from '../parameters';
import type { CellState } from '../cells/cell';
import { runStack, type StackRun } from '../stack';
import { attend, type AttentionStep } from './attention';
import { handOver, handOverBackward } from './handOver';

/** A translation model's architecture. */
export type TranslationArchitecture = Architecture & { readonly encoder: EncoderShape };

/** Whether this is a translation model. */
export function isTranslation(architecture: Architecture): architecture is TranslationArchitecture {
  return architecture.encoder !== undefined;
}

/** How a translation model runs. */
export interface TranslationOptions {
  readonly dropoutSeed?: number;
  /** Of the cells within either stack. */
  readonly order: ProcessingOrder;
  readonly alive: Checkpointed;
}

/** The encoder's outputs, as attention looks at them. */
export interface Memory {
  readonly outputs: readonly Matrix[];
  readonly lengths?: Int32Array;
}

/** A forward pass of the decoder. */
export interface DecoderRun {
  readonly stack: StackRun;
  /** One for each timestep; empty without attention. */
  readonly attention: readonly AttentionStep[];
  readonly logits: readonly Matrix[];
  /** What the output layer read at each timestep. */
  readonly reads: readonly Matrix[];
}

/** The encoder's forward pass, from empty states. */
export function runEncoder({ encoder }: TranslationArchitecture, data: ParameterData, source: SourceBatch, sequences: number, options: TranslationOptions): StackRun {
  const initial = encoder.layers.map(({ cell, units, directions }) =>
    directions.map((): CellState => (cell === 'lstm' ? { h: zeros(sequences, units), c: zeros(sequences, units) } : { h: zeros(sequences, units) })),
  );
  return runStack(encoder, arrangeStack(encoder, data, 'encoder.'), { ...source, sequences }, { initial, ...options });
}

/** The decoder's forward pass from these states, with attention over `memory`. */
export function runDecoder(architecture: TranslationArchitecture, data: ParameterData, batch: Batch, memory: Memory, initial: readonly (readonly CellState[])[], options: TranslationOptions): DecoderRun {
  const parameters = arrange(architecture, data);
  const { encoder } = architecture;
  const stack = runStack(architecture, parameters, batch, { initial, firstLayer: encoder.layers.length, ...options });
  const attention = encoder.attention === 'dot' ? stack.outputs.map((h) => attend(h, memory.outputs, memory.lengths)) : [];
  const reads = stack.outputs.map((h, t) => {
    const context = attention[t]?.context;
    return context ? sideBySide([h, context]) : h;
  });
  return { stack, attention, reads, logits: reads.map((read) => linear(read, parameters.output)) };
}

/** Encoder, hand-over, decoder with teacher forcing. Throws a RangeError when the batch has no source. */
export function runTranslation(architecture: TranslationArchitecture, data: ParameterData, batch: Batch, options: TranslationOptions): NetworkRun {
  const { encoder } = architecture;
  const { source, sequences } = batch;
  if (!source) throw new RangeError('a translation model needs a source to read; give the batch one');
  const encoded = runEncoder(architecture, data, source, sequences, options);
  const initial = handOver(encoder, architecture.layers, encoded.layers, sequences);
  const decoder = runDecoder(architecture, data, batch, { outputs: encoded.outputs, lengths: source.lengths }, initial, options);

  return {
    stacks: [
      { prefix: 'encoder.', shapes: encoder.layers, lengths: source.lengths, layers: encoded.layers },
      { prefix: 'decoder.', shapes: architecture.layers, lengths: batch.lengths, layers: decoder.stack.layers },
    ],
    attention: encoder.attention === 'dot' ? decoder.attention.map(({ weights }) => weights) : undefined,
    logits: decoder.logits,
    backward(adjoints, copies, gradients) {
      const { output } = arrange(architecture, data);
      const own = gradients && arrange(architecture, gradients);
      const dEncoded = encoded.outputs.map(({ rows, columns: size }) => zeros(copies * rows, size));
      const dOutputs = decoder.stack.outputs.map(({ rows, columns: size }) => zeros(copies * rows, size));
      // 1. Output layer and attention.
      for (const { position, copy, dLogits } of adjoints) {
        const [read, dTop] = [decoder.reads[position], dOutputs[position]];
        if (!read || !dTop) continue;
        if (own) linearGradient(dLogits, read, own.output);
        const dRead = linearBackward(dLogits, output);
        dTop.data.set(columns(dRead, 0, dTop.columns).data, copy * dRead.rows * dTop.columns);
        decoder.attention[position]?.backward(columns(dRead, dTop.columns, dRead.columns), dTop, dEncoded, copy);
      }
      // 2. The decoder, down to the states it started from.
      const decoderAdjoints = decoder.stack.backward(dOutputs, own);
      // 3. The encoder, from its last states and from what attention saw.
      const encoderAdjoints = encoded.backward(dEncoded, gradients && arrangeStack(encoder, gradients, 'encoder.'), handOverBackward(encoder, decoderAdjoints));
      return [encoderAdjoints, decoderAdjoints];
    },
  };
}
