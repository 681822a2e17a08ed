import { panelRange, type Arena, type EngineMemory, type Panels } from '../memory';
import type { Operations } from '../operations';
import type { BackwardPlan, Purpose, StackPlan } from '../plan';
import type { AttentionModel } from './model';

/** Buffers of an attention; e lies as the decoder's outputs do. */
export interface AttentionPlan {
  readonly model: AttentionModel;
  readonly sequences: number;
  readonly steps: number;
  readonly sourceSteps: number;
  /** The encoder's outputs as they are; `encoded` itself where they lie alike. */
  readonly source: Panels;
  readonly encoded: Panels;
  /** ∂/∂`encoded`, and that moved back to where the encoder's backward pass reads it. */
  readonly dEncoded: Panels | undefined;
  readonly dSource: Panels | undefined;
  /** Real source steps [B], i32. */
  readonly lengths: number;
  /** f32 [T·B][S]. */
  readonly weights: number;
  /** f32 [B][S]. */
  readonly scratch: number;
  /** An `Attention`. */
  readonly job: number;
}

/** Takes the buffers of an attention; `backward` is the encoder's. */
export function planAttention(arena: Arena, model: AttentionModel, encoder: StackPlan, { steps }: StackPlan, backward: BackwardPlan | undefined, purpose: Purpose): AttentionPlan {
  const { sequences, rows, top, lengths } = encoder;
  const dSource = backward && panelRange(backward.adjoints[0], 0, model.source.panels);
  return {
    model,
    sequences,
    steps,
    sourceSteps: encoder.steps,
    source: top,
    encoded: model.move ? arena.panels(rows, model.columns.panels) : top,
    dEncoded: model.move && purpose === 'train' ? arena.panels(rows, model.columns.panels) : dSource,
    dSource,
    lengths,
    weights: arena.take(steps * rows * 4),
    scratch: arena.take(rows * 4),
    job: arena.take(72),
  };
}

/** Brings the encoder's outputs to where attention reads them. */
export function gatherEncoded(operations: Operations, { model, source, encoded, sourceSteps, sequences }: AttentionPlan): void {
  if (!model.move) return;
  const rows = sourceSteps * sequences;
  operations.clear(rows, encoded);
  operations.moveColumns(rows, model.columns.size, source, model.move.from, encoded, model.move.to);
}

/** Fills `read` [T·B] with [h, context]. */
export function attend(operations: Operations, memory: EngineMemory, plan: AttentionPlan, hidden: Panels, read: Panels, lengths: 'masked' | 'whole'): void {
  const { panels } = plan.model.columns;
  const rows = plan.steps * plan.sequences;
  const context = panelRange(read, panels, panels);
  operations.copy(rows, panelRange(hidden, 0, panels), panelRange(read, 0, panels));
  operations.clear(rows, context);
  writeJob(memory, plan, hidden, lengths, context);
  operations.attentionForward(plan.sequences, costOf(plan, 2), plan.job);
}

/** After `attend`: the adjoint of [h, context] becomes that of h in place, and the encoder's outputs get theirs. */
export function attendBackward(operations: Operations, memory: EngineMemory, plan: AttentionPlan, hidden: Panels, dRead: Panels, lengths: 'masked' | 'whole'): void {
  const { model, dEncoded, dSource, sourceSteps, sequences } = plan;
  if (!dEncoded || !dSource) throw new Error('a plan for training has room for gradients');
  const { panels } = model.columns;
  const rows = sourceSteps * sequences;
  operations.clear(rows, dEncoded);
  writeJob(memory, plan, hidden, lengths, panelRange(dRead, panels, panels), { dHidden: dRead, dEncoded });
  operations.attentionBackward(sequences, costOf(plan, 5), plan.job);
  moveToSource(operations, plan, dEncoded, dSource);
}

/** Brings adjoints of what attention read back to where the encoder's outputs lie. */
export function moveToSource(operations: Operations, { model, sourceSteps, sequences }: AttentionPlan, dEncoded: Panels, dSource: Panels): void {
  if (!model.move) return;
  const rows = sourceSteps * sequences;
  operations.clear(rows, dSource);
  operations.moveColumns(rows, model.columns.size, dEncoded, model.move.to, dSource, model.move.from);
}

/** Writes the `Attention` of `src/engine/kernels/attention.ts`; `context` is that or, with adjoints, its adjoint. */
export function writeJob({ i32 }: EngineMemory, plan: AttentionPlan, hidden: Panels, lengths: 'masked' | 'whole', context: Panels, adjoints?: { readonly dHidden: Panels; readonly dEncoded: Panels }): void {
  const { sequences, steps, sourceSteps, model, encoded } = plan;
  const sizes = [sequences, steps, sourceSteps, model.columns.panels];
  const sources = [hidden.address, hidden.stride, encoded.address, encoded.stride, lengths === 'masked' ? plan.lengths : 0, plan.weights, context.address, context.stride];
  const targets = adjoints ? [context.address, adjoints.dHidden.address, adjoints.dHidden.stride, adjoints.dEncoded.address, adjoints.dEncoded.stride] : [0, 0, 0, 0, 0];
  i32.set([...sizes, ...sources, ...targets, plan.scratch], plan.job / 4);
}

/** Operations of one sequence, `passes` times through all pairs of its steps. */
function costOf({ steps, sourceSteps, model }: AttentionPlan, passes: number): number {
  return passes * steps * sourceSteps * model.columns.panels * 16;
}
