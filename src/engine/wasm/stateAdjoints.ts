import type { Direction } from '../../spec/architecture';
import { panelRange, skipRows, type EngineMemory, type Panels } from './memory';
import { cellCode, recurrentGates, type DirectionModel, type LayerModel } from './model';
import type { Operations } from './operations';
import type { BackwardPlan, DirectionPlan, StackPlan } from './plan';
import type { WasmState } from './state';

/** Derivatives of the loss by one direction's last state, row-major [B,H]. */
export interface StateAdjoint {
  readonly h: Float32Array;
  /** Of an LSTM. */
  readonly c?: Float32Array;
}

/**
 * Adds what reaches each sequence's last state from outside: h to the adjoint of its last hidden state in
 * `hidden`, c into `finalCarry`, whose address is given back (0 without c) for `RecurrenceAdjoints`.
 */
export function receiveFinal({ f32, i32 }: EngineMemory, { steps, sequences, lengths }: StackPlan, direction: Direction, hidden: Panels, finalCarry: number, { h, c }: StateAdjoint, masked: 'masked' | 'whole'): number {
  const units = h.length / sequences;
  for (let b = 0; b < sequences; b++) {
    const length = masked === 'masked' ? (i32[lengths / 4 + b] ?? steps) : steps;
    const row = direction === 'forward' ? (length - 1) * sequences + b : b;
    for (let u = 0; u < units; u++) {
      const place = hidden.address / 4 + (u >> 3) * (hidden.stride / 4) + row * 8 + (u & 7);
      f32[place] = (f32[place] ?? 0) + (h[b * units + u] ?? 0);
    }
  }
  if (!c) return 0;
  f32.fill(0, finalCarry / 4, finalCarry / 4 + Math.ceil(units / 8) * sequences * 8);
  for (let b = 0; b < sequences; b++) {
    for (let u = 0; u < units; u++) f32[finalCarry / 4 + ((u >> 3) * sequences + b) * 8 + (u & 7)] = c[b * units + u] ?? 0;
  }
  return finalCarry;
}

/**
 * After the recurrence's way back: the adjoint of the state before the first timestep. What goes through W_hh
 * is a product with the first timestep's derivatives; the rest stands in `carry` (∂L/∂c of an LSTM, and of a
 * GRU what reaches h without a product).
 */
export function initialAdjoint(operations: Operations, { sequences }: StackPlan, backward: BackwardPlan, layer: LayerModel, direction: DirectionModel, { gates }: DirectionPlan, into: { readonly state: WasmState; readonly index: number }): void {
  const dh = panelRange(backward.initial, 0, layer.unitPanels);
  const carry: Panels = { address: backward.carries[0].carry, stride: sequences * 32, panels: layer.unitPanels };
  operations.clear(sequences, dh);
  operations.product(sequences, recurrentGates(layer, gates), direction.transposedHh, dh);
  if (layer.code === cellCode.gru || layer.code === cellCode['gru-reset-before']) operations.add(sequences, dh, carry, dh);
  into.state.store(operations.memory, into.index, 'h', dh);
  into.state.store(operations.memory, into.index, 'c', carry);
}

/** As `StateAdjoint`, of several losses at once: rows [copies·B] whose power of two h and c share. */
export interface ScaledStateAdjoint {
  readonly h: Panels;
  /** Counts for an LSTM only; absent: zeros. */
  readonly c?: Panels;
  /** i32, one a row. */
  readonly exponents: number;
}

/** Where a pass of several losses stands that goes back through one direction. */
interface BackwardPlace {
  readonly t: number;
  readonly direction: Direction;
  readonly copies: number;
  readonly masked: 'masked' | 'whole';
}

/**
 * Puts what reaches last states from outside into the rows of `into` whose sequence has its last state at this
 * timestep: where it ends, or in the reverse direction where it begins. Nothing has been there before.
 */
export function beginFrom(operations: Operations, { i32 }: EngineMemory, { steps, sequences, lengths }: StackPlan, { t, direction, copies, masked }: BackwardPlace, from: ScaledStateAdjoint, into: Required<ScaledStateAdjoint>): void {
  const copyRows = (row: number, rows: number): void => {
    for (const [source, target] of [[from.h, into.h], [from.c, into.c]] as const) {
      if (!source) continue;
      const [a, out] = [skipRows(source, row), skipRows(target, row)];
      operations.copy(rows, a, out);
    }
    i32.copyWithin(into.exponents / 4 + row, from.exponents / 4 + row, from.exponents / 4 + row + rows);
  };
  if (direction === 'reverse' || masked === 'whole') {
    if (t === (direction === 'reverse' ? 0 : steps - 1)) copyRows(0, copies * sequences);
    return;
  }
  for (let b = 0; b < sequences; b++) {
    if (i32[lengths / 4 + b] !== t + 1) continue;
    for (let copy = 0; copy < copies; copy++) copyRows(copy * sequences + b, 1);
  }
}
