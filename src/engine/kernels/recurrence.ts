/*
 * The loop over timesteps of one direction of a layer, forwards and backwards.
 *
 * Work is counted in stages. All units of a stage can be computed side by side; a stage needs the ones before
 * it complete. rnn, lstm and the usual gru have one stage a timestep, the gru that resets before the product
 * two. One call does many stages or, of a very large layer, some units of one stage.
 */
import { Adjoints, GRU, GRU_RESET_BEFORE, LSTM, Recurrence, rowsOf } from './cells/cell';
import { barrier } from './crew';
import { gruBackward, gruBeforeBackward, gruBeforeDerivatives, gruBeforeForward, gruBeforeResetDerivatives, gruDerivatives, gruForward } from './cells/gru';
import { lstmBackward, lstmCellAdjoint, lstmDerivatives, lstmForward } from './cells/lstm';
import { rnnBackward, rnnDerivatives, rnnForward } from './cells/rnn';

/** The timestep that is `index`-th in this direction. */
@inline
function stepAt(r: Recurrence, index: i32): i32 {
  return r.direction > 0 ? index : r.steps - 1 - index;
}

@inline
function stagesPerStep(r: Recurrence): i32 {
  return r.cell == GRU_RESET_BEFORE ? 2 : 1;
}

/** Stages [from, to) of the forward pass, for panels [u0, u1) of the units. `recurrence`: a `Recurrence`; `crew`: who shares the units, or 0. */
export function recurForward(recurrence: usize, crew: usize, from: i32, to: i32, u0: i32, u1: i32): void {
  const r = changetype<Recurrence>(recurrence);
  const stages = stagesPerStep(r);
  for (let stage = from; stage < to; stage++) {
    const t = stepAt(r, stage / stages);
    if (r.cell == LSTM) lstmForward(r, t, u0, u1);
    else if (r.cell == GRU) gruForward(r, t, u0, u1);
    else if (r.cell == GRU_RESET_BEFORE) gruBeforeForward(r, t, stage & 1, u0, u1);
    else rnnForward(r, t, u0, u1);
    if (r.lengths != 0) holdEnded(r, t, u0, u1);
    barrier(crew);
  }
}

/** A sequence that has ended keeps its state, so that the reverse direction begins at each one's own end. */
function holdEnded(r: Recurrence, t: i32, u0: i32, u1: i32): void {
  for (let b = 0; b < r.rows; b++) {
    if (t < load<i32>(r.lengths + (<usize>b << 2))) continue;
    for (let u = u0; u < u1; u++) {
      const at = rowsOf(r, t + 1) + (<usize>b << 5) + r.hiddenStride * <usize>u;
      memory.copy(r.hidden + at, r.hidden + at + r.before, 32);
      if (r.cell == LSTM) memory.copy(r.cellState + at, r.cellState + at + r.before, 32);
    }
  }
}

/**
 * Stages [from, to) of backpropagation through time, from the last timestep in this direction to the first,
 * for panels [u0, u1) of the units. The derivatives take the place of the gates. `scratch`: room for an `Adjoints`, each caller's own.
 */
export function recurBackward(recurrence: usize, crew: usize, scratch: usize, from: i32, to: i32, u0: i32, u1: i32): void {
  const r = changetype<Recurrence>(recurrence);
  const adjoints = changetype<Adjoints>(scratch);
  adjoints.gateStride = r.gateStride;
  adjoints.hiddenStride = r.adjointStride;
  adjoints.carry = r.carry;
  adjoints.carryStride = <usize>r.sequences << 5;
  adjoints.tiny = r.tiny;
  const stages = stagesPerStep(r);
  for (let stage = from; stage < to; stage++) {
    const index = r.steps - 1 - stage / stages;
    const t = stepAt(r, index);
    // The timestep whose derivatives are already there; none before the first stage.
    const later = index == r.steps - 1 ? -1 : t + r.direction;
    adjoints.gates = r.gates + rowsOf(r, t);
    adjoints.hidden = r.adjoint + rowsOf(r, t);
    if (r.cell == LSTM) lstmBackward(r, adjoints, t, later, u0, u1);
    else if (r.cell == GRU) gruBackward(r, adjoints, t, later, u0, u1);
    else if (r.cell == GRU_RESET_BEFORE) gruBeforeBackward(r, adjoints, t, later, stage & 1, u0, u1);
    else rnnBackward(r, adjoints, t, later, u0, u1);
    barrier(crew);
  }
}

/**
 * The elementwise part of one timestep's backward pass for the adjoints of several losses: the rows of
 * `adjoints` are B rows of a loss, then B of the next, and so on, for losses [from, to). Gates stay as they are.
 * `stage` is 1 only for the second half of the gru that resets before the product.
 */
export function cellDerivatives(recurrence: usize, adjoints: usize, t: i32, stage: i32, from: i32, to: i32): void {
  const r = changetype<Recurrence>(recurrence);
  const a = changetype<Adjoints>(adjoints);
  const rows = <usize>r.sequences << 5;
  shift(a, rows * <usize>from);
  for (let loss = from; loss < to; loss++) {
    if (r.cell == LSTM) lstmDerivatives(r, a, t, 0, r.unitPanels);
    else if (r.cell == GRU) gruDerivatives(r, a, t, 0, r.unitPanels);
    else if (r.cell == GRU_RESET_BEFORE && stage == 0) gruBeforeDerivatives(r, a, t, 0, r.unitPanels);
    else if (r.cell == GRU_RESET_BEFORE) gruBeforeResetDerivatives(r, a, t, 0, r.unitPanels);
    else rnnDerivatives(r, a, t, 0, r.unitPanels);
    shift(a, rows);
  }
  shift(a, 0 - rows * <usize>to);
}

@inline
function shift(a: Adjoints, bytes: usize): void {
  a.gates += bytes;
  a.hidden += bytes;
  a.carry += bytes;
}

/** ∂/∂cₜ in total of an LSTM, for B rows; see `lstmCellAdjoint`. */
export function cellStateAdjoint(recurrence: usize, adjoints: usize, t: i32, total: usize, totalStride: usize): void {
  lstmCellAdjoint(changetype<Recurrence>(recurrence), changetype<Adjoints>(adjoints), t, total, totalStride);
}
