/*
 * What the cells share: where a layer lies in memory, and the products with W_hh in both directions.
 */
import { multiply } from '../product';

export const RNN_TANH: i32 = 0;
export const RNN_RELU: i32 = 1;
export const LSTM: i32 = 2;
export const GRU: i32 = 3;
export const GRU_RESET_BEFORE: i32 = 4;

/**
 * Where one direction of a layer lies in memory; written, in this order, by `src/engine/wasm/recurrence.ts`.
 * All matrices are column panels; U = 8·unitPanels is the number of units with padding. Padding is inert:
 * with zero weights a unit's state stays 0 in every cell, and so do all its derivatives.
 */
@unmanaged
export class Recurrence {
  cell: i32;
  /** T. */
  steps: i32;
  /** B: rows from a timestep to the next. */
  sequences: i32;
  unitPanels: i32;
  /** 1: from the first timestep to the last; −1: the other way. */
  direction: i32;
  /** [T·B][blocks·U]: pre-activations, then gates, after training's backward pass their derivatives; see the cells for the blocks. */
  gates: usize;
  gateStride: usize;
  /** hₜ: [(T+2)·B][U]; timestep t is block t+1, and the block before it (after it, in reverse) the state it starts from. */
  hidden: usize;
  hiddenStride: usize;
  /** cₜ of an LSTM, laid out like `hidden`. */
  cellState: usize;
  /** tanh(cₜ) of an LSTM, [T·B][U] with the stride of `gates`. */
  cellTanh: usize;
  /** W_hh, [U] → [blocks·U]. */
  weight: usize;
  /** Its transpose; of the GRU that resets before the product, that of W_hr and W_hz. */
  transposed: usize;
  /** The transpose of W_hn, of the GRU that resets before the product. */
  transposedNew: usize;
  /** ∂L/∂hₜ, [T·B][U]: what comes from above, to which the backward pass adds what comes from later timesteps. */
  adjoint: usize;
  adjointStride: usize;
  /** [B][U]: what goes back a timestep without a product: ∂L/∂cₜ for the LSTM, dhₜ ⊙ z for the GRU. */
  carry: usize;
  /** Real timesteps of each sequence [B], or 0 when all have T. */
  lengths: usize;
  /** Adjoints up to this size become 0. */
  tiny: f32;
  /** [B][U], laid out like `carry`: what reaches each sequence's last cₜ from outside; 0 when nothing does. */
  finalCarry: usize;
  /** Rows of each timestep that this call computes: B, or fewer where threads share the sequences; all addresses then begin at the first of them. */
  rows: i32;

  /** Bytes from a timestep's rows in the states to those of the state it started from. */
  @inline
  get before(): usize {
    return <usize>(-this.direction * this.sequences * 32);
  }
}

/** Rows of one timestep in the matrices that a cell's derivatives read and write; rows may be those of several losses, one after the other. */
@unmanaged
export class Adjoints {
  /** ∂/∂ pre-activations, blocks like `Recurrence.gates`. */
  gates: usize;
  gateStride: usize;
  /** ∂/∂hₜ. */
  hidden: usize;
  hiddenStride: usize;
  /** See `Recurrence.carry`. */
  carry: usize;
  carryStride: usize;
  tiny: f32;
}

/** Bytes to the rows of timestep t. */
@inline
export function rowsOf(r: Recurrence, t: i32): usize {
  return <usize>(t * r.sequences) << 5;
}

/** Pre-activations of timestep t += hₜ₋₁ (or another matrix of its shape) · W_hh, of `blocks` blocks, for units [u0, u1). */
export function multiplyRecurrent(r: Recurrence, t: i32, from: usize, fromStride: usize, weight: usize, firstBlock: i32, blocks: i32, u0: i32, u1: i32): void {
  const panels = r.unitPanels;
  const target = r.gates + rowsOf(r, t) + r.gateStride * <usize>(firstBlock * panels);
  const panelSize = <usize>(panels << 8);
  if (u0 == 0 && u1 == panels) {
    multiply(r.rows, panels, from, fromStride, weight, target, r.gateStride, blocks * panels);
    return;
  }
  for (let block = 0; block < blocks; block++) {
    const first = <usize>(block * panels + u0);
    multiply(r.rows, panels, from, fromStride, weight + first * panelSize, target + r.gateStride * first, r.gateStride, u1 - u0);
  }
}

/**
 * What comes back to hₜ from the timestep after it: ∂L/∂hₜ += derivatives there · W_hhᵀ, for units [u0, u1);
 * nothing for the last timestep (`later` −1). Where sequences have ended, all adjoints become 0.
 */
export function gatherAdjoint(r: Recurrence, t: i32, later: i32, firstBlock: i32, blocks: i32, u0: i32, u1: i32): void {
  const panels = r.unitPanels;
  const adjoint = r.adjoint + rowsOf(r, t);
  if (later >= 0) {
    const kPanels = blocks * panels;
    const source = r.gates + rowsOf(r, later) + r.gateStride * <usize>(firstBlock * panels);
    multiply(r.rows, kPanels, source, r.gateStride, r.transposed + (<usize>(u0 * kPanels) << 8), adjoint + r.adjointStride * <usize>u0, r.adjointStride, u1 - u0);
  } else {
    for (let u = u0; u < u1; u++) memory.fill(r.carry + (<usize>(u * r.sequences) << 5), 0, <usize>r.rows << 5);
  }
  if (r.lengths != 0) silenceAfterEnds(r, t, adjoint, u0, u1);
  if (r.finalCarry != 0) receiveFinalCarry(r, t, u0, u1);
}

function silenceAfterEnds(r: Recurrence, t: i32, adjoint: usize, u0: i32, u1: i32): void {
  for (let b = 0; b < r.rows; b++) {
    if (t < load<i32>(r.lengths + (<usize>b << 2))) continue;
    for (let u = u0; u < u1; u++) {
      memory.fill(adjoint + r.adjointStride * <usize>u + (<usize>b << 5), 0, 32);
      memory.fill(r.carry + (<usize>(u * r.sequences + b) << 5), 0, 32);
    }
  }
}

/** At each sequence's last timestep in this direction, where nothing came back in `carry`, what reaches it from outside. */
function receiveFinalCarry(r: Recurrence, t: i32, u0: i32, u1: i32): void {
  for (let b = 0; b < r.rows; b++) {
    const end = r.lengths == 0 ? r.steps : load<i32>(r.lengths + (<usize>b << 2));
    if (t != (r.direction > 0 ? end - 1 : 0)) continue;
    for (let u = u0; u < u1; u++) {
      const row = <usize>(u * r.sequences + b) << 5;
      memory.copy(r.carry + row, r.finalCarry + row, 32);
    }
  }
}
