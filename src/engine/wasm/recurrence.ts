import { skipRows, type EngineMemory, type Panels } from './memory';
import type { DirectionModel, LayerModel } from './model';
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

/** The same of one sequence of a batch alone, for traces. */
export function writeSequence(memory: EngineMemory, plan: StackPlan, layer: LayerModel, model: DirectionModel, { gates, states, cellStates, cellTanh, ...rest }: DirectionPlan, sequence: number): void {
  const own = (matrix: Panels): Panels => skipRows(matrix, sequence);
  const buffers = { ...rest, gates: own(gates), states: own(states), cellStates: cellStates && own(cellStates), cellTanh: cellTanh && own(cellTanh) };
  writeRecurrence(memory, plan, layer, model, buffers, 'whole');
  memory.i32[(rest.job >>> 2) + 20] = 1;
}
