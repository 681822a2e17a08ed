import type { EngineMemory, Panels } from './memory';
import { cellCode, type DirectionModel, type LayerModel } from './model';
import type { Operations } from './operations';
import { piecesInStretch } from './pace';
import type { DirectionPlan, StackPlan } from './plan';

/**
 * Adjoints up to this size become 0 in training: denormal numbers made a step eleven times slower, and
 * nothing this small moves a parameter. What traces show is computed elsewhere (`adjoints.ts`) and keeps it.
 */
const trainingTiny = 1e-24;

/** What the backward pass adds to a `Recurrence`. */
export interface RecurrenceAdjoints {
  /** ∂L/∂hₜ of one direction, [T·B]. */
  readonly hidden: Panels;
  readonly carry: number;
  /** What reaches the last cell states from outside, laid out like `carry`; 0: nothing. */
  readonly finalCarry?: number;
}

/** Writes the `Recurrence` (`src/engine/kernels/cells/cell.ts`) of one direction for the kernels. */
export function writeRecurrence(memory: EngineMemory, plan: StackPlan, layer: LayerModel, model: DirectionModel, buffers: DirectionPlan, masked: 'masked' | 'whole', adjoints?: RecurrenceAdjoints): void {
  const { i32, f32 } = memory;
  const at = buffers.job >>> 2;
  i32[at] = layer.code;
  i32[at + 1] = plan.steps;
  i32[at + 2] = plan.sequences;
  i32[at + 3] = layer.unitPanels;
  i32[at + 4] = model.direction === 'forward' ? 1 : -1;
  i32[at + 5] = buffers.gates.address;
  i32[at + 6] = buffers.gates.stride;
  i32[at + 7] = buffers.states.address;
  i32[at + 8] = buffers.states.stride;
  i32[at + 9] = buffers.cellStates?.address ?? 0;
  i32[at + 10] = buffers.cellTanh?.address ?? 0;
  i32[at + 11] = model.weightHh.value.address;
  i32[at + 12] = model.transposedHh.address;
  i32[at + 13] = model.transposedNew?.address ?? 0;
  i32[at + 14] = adjoints?.hidden.address ?? 0;
  i32[at + 15] = adjoints?.hidden.stride ?? 0;
  i32[at + 16] = adjoints?.carry ?? 0;
  i32[at + 17] = masked === 'masked' ? plan.lengths : 0;
  f32[at + 18] = trainingTiny;
  i32[at + 19] = adjoints?.finalCarry ?? 0;
  i32[at + 20] = plan.sequences;
}

/** Timesteps of one direction forwards, all of them or only [from, to) in its own order. */
export function runForward(operations: Operations, plan: StackPlan, layer: LayerModel, { job }: DirectionPlan, from = 0, to = plan.steps): void {
  inStretches(operations, plan, layer, from, to, (from, to, u0, u1) => operations.kernels.recurForward(job, 0, from, to, u0, u1));
}

/** And backwards; `scratch` as in the plan. */
export function runBackward(operations: Operations, plan: StackPlan, layer: LayerModel, { job }: DirectionPlan, scratch: number): void {
  inStretches(operations, plan, layer, 0, plan.steps, (from, to, u0, u1) => operations.kernels.recurBackward(job, 0, scratch, from, to, u0, u1));
}

/** Many stages a call or, where one alone is too long, some units of one. */
function inStretches({ pace }: Operations, plan: StackPlan, { code, blocks, unitPanels }: LayerModel, firstStep: number, endStep: number, run: (from: number, to: number, u0: number, u1: number) => void): void {
  const perStep = code === cellCode['gru-reset-before'] ? 2 : 1;
  const end = endStep * perStep;
  // Operations of one panel of units in one stage: the product, and the cell's equations.
  const each = plan.sequences * 8 * blocks * (16 * unitPanels + 20);
  const unitsTogether = Math.min(unitPanels, piecesInStretch(each));
  const together = unitsTogether < unitPanels ? 1 : piecesInStretch(each * unitPanels);
  for (let from = firstStep * perStep; from < end; from += together) {
    const to = Math.min(from + together, end);
    for (let u = 0; u < unitPanels; u += unitsTogether) {
      const unitsEnd = Math.min(u + unitsTogether, unitPanels);
      run(from, to, u, unitsEnd);
      pace.spend(each * (to - from) * (unitsEnd - u));
    }
  }
}
