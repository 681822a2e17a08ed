import type { Architecture } from '../../../spec/architecture';
import type { EncoderShape } from '../../../spec/encoder';
import { joinColumns, sameColumns, type Columns } from '../columns';
import { Layout } from '../layout';
import { Arena, type EngineMemory, type Panels } from '../memory';
import { layOutHead, layOutStack, writeIntegers, type Model, type Stack } from '../model';
import { headNeeds, planBackward, planHead, planStack, type BackwardPlan, type Plan, type Purpose, type StackPlan } from '../plan';
import { planAttention, type AttentionPlan } from './attention';

export type TranslationArchitecture = Architecture & { readonly encoder: EncoderShape };

/** How attention reads the encoder's outputs: features lie as in the decoder's. */
export interface AttentionModel {
  readonly columns: Columns;
  readonly source: Columns;
  /** Addresses of both places of each feature, where the encoder's outputs lie otherwise. */
  readonly move: { readonly from: number; readonly to: number } | undefined;
}

/** Both stacks of a translation model laid out in memory; the decoder's model owns store, output layer and end. */
export interface TranslationModel {
  readonly encoder: Stack;
  readonly decoder: Model;
  readonly attention: AttentionModel | undefined;
}

/** Lays a translation model out behind address `start`, all parameters 0. Throws a RangeError when memory does not suffice. */
export function layOutTranslation(architecture: TranslationArchitecture, memory: EngineMemory, start: number): TranslationModel {
  const layout = new Layout(memory, start);
  const encoder = layOutStack(layout, architecture.encoder, 'encoder.');
  const stack = layOutStack(layout, architecture, 'decoder.');
  const attention = architecture.encoder.attention === 'dot' ? layOutAttention(layout, stack.output, encoder.output) : undefined;
  // With attention the output layer reads the context beside the decoder's outputs.
  const reads = attention ? joinColumns([stack.output, attention.columns]) : stack.output;
  const head = layOutHead(layout, architecture, 'decoder.', reads);
  return { encoder, attention, decoder: { architecture, store: layout.store, ...stack, head, end: layout.finish() } };
}

function layOutAttention(layout: Layout, columns: Columns, source: Columns): AttentionModel {
  if (sameColumns(columns, source)) return { columns, source, move: undefined };
  const move = { from: 0, to: 0 };
  layout.later(({ memory, arena }) => {
    move.from = writeIntegers(memory, arena, source.place);
    move.to = writeIntegers(memory, arena, columns.place);
  });
  return { columns, source, move };
}

/** All buffers for batches of S source steps, T target steps and B sequences. */
export interface TranslationPlan {
  readonly encoder: StackPlan;
  readonly encoderBackward: BackwardPlan | undefined;
  /** Its `top` is what the output layer reads. */
  readonly decoder: Plan;
  /** The decoder's top outputs. */
  readonly outputs: Panels;
  readonly attention: AttentionPlan | undefined;
}

/** Plans both stacks from address `start` on. Throws a RangeError when memory does not suffice. */
export function planTranslation({ encoder, decoder, attention: attends }: TranslationModel, memory: EngineMemory, start: number, sizes: { readonly sourceSteps: number; readonly steps: number; readonly sequences: number }, purpose: Purpose): TranslationPlan {
  const { sourceSteps, steps, sequences } = sizes;
  const arena = new Arena(start);
  const encoderPlan = planStack(arena, encoder, sourceSteps, sequences, purpose);
  const stack = planStack(arena, decoder, steps, sequences, purpose);
  const { kPanels } = decoder.head.weight.value;
  const read = attends ? arena.panels(stack.rows, kPanels) : stack.top;
  const head = planHead(arena, decoder, steps, sequences);
  const training = purpose === 'train';
  const encoderBackward = training ? planBackward(arena, encoder, encoderPlan, { panels: 0, lastRows: 0 }) : undefined;
  const backward = training ? planBackward(arena, decoder, stack, headNeeds(decoder, sequences)) : undefined;
  const attention = attends && planAttention(arena, attends, encoderPlan, stack, encoderBackward, purpose);
  memory.reserve(arena.end);
  return { attention, encoder: encoderPlan, encoderBackward, decoder: { ...stack, top: read, head, backward, end: arena.end }, outputs: stack.top };
}
