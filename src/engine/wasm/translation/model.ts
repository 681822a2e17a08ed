import type { Architecture } from '../../../spec/architecture';
import type { EncoderShape } from '../../../spec/encoder';
import { joinColumns } from '../columns';
import { Layout } from '../layout';
import { Arena, type EngineMemory, type Panels } from '../memory';
import { layOutHead, layOutStack, type Model, type Stack } from '../model';
import { headNeeds, planBackward, planHead, planStack, type BackwardPlan, type Plan, type Purpose, type StackPlan } from '../plan';

export type TranslationArchitecture = Architecture & { readonly encoder: EncoderShape };

/** Both stacks of a translation model laid out in memory; the decoder's model owns store, output layer and end. */
export interface TranslationModel {
  readonly encoder: Stack;
  readonly decoder: Model;
}

/** Lays a translation model out behind address `start`, all parameters 0. Throws a RangeError when memory does not suffice. */
export function layOutTranslation(architecture: TranslationArchitecture, memory: EngineMemory, start: number): TranslationModel {
  const layout = new Layout(memory, start);
  const encoder = layOutStack(layout, architecture.encoder, 'encoder.');
  const stack = layOutStack(layout, architecture, 'decoder.');
  // With attention the output layer reads the context, which lies like the encoder's outputs, beside its own stack's.
  const reads = architecture.encoder.attention === 'dot' ? joinColumns([stack.output, encoder.output]) : stack.output;
  const head = layOutHead(layout, architecture, 'decoder.', reads);
  return { encoder, decoder: { architecture, store: layout.store, ...stack, head, end: layout.finish() } };
}

/** All buffers for batches of S source steps, T target steps and B sequences. */
export interface TranslationPlan {
  readonly encoder: StackPlan;
  readonly encoderBackward: BackwardPlan | undefined;
  /** Its `top` is what the output layer reads. */
  readonly decoder: Plan;
  /** The decoder's top outputs. */
  readonly outputs: Panels;
}

/** Plans both stacks; without source steps the decoder alone. Throws a RangeError when memory does not suffice. */
export function planTranslation({ encoder, decoder }: TranslationModel, memory: EngineMemory, sizes: { readonly sourceSteps: number; readonly steps: number; readonly sequences: number }, purpose: Purpose): TranslationPlan {
  const { sourceSteps, steps, sequences } = sizes;
  const arena = new Arena(decoder.end);
  const encoderPlan = planStack(arena, encoder, sourceSteps, sequences, purpose);
  const stack = planStack(arena, decoder, steps, sequences, purpose);
  const { kPanels } = decoder.head.weight.value;
  const read = kPanels > decoder.output.panels ? arena.panels(stack.rows, kPanels) : stack.top;
  const head = planHead(arena, decoder, steps, sequences);
  const training = purpose === 'train';
  const encoderBackward = training ? planBackward(arena, encoder, encoderPlan, { panels: 0, lastRows: 0 }) : undefined;
  const backward = training ? planBackward(arena, decoder, stack, headNeeds(decoder, sequences)) : undefined;
  memory.reserve(arena.end);
  return { encoder: encoderPlan, encoderBackward, decoder: { ...stack, top: read, head, backward, end: arena.end }, outputs: stack.top };
}
