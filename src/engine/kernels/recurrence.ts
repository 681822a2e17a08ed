/*
 * The loop over timesteps of one direction of a layer, forwards and backwards.
 *
 * Work is counted in stages. All units of a stage can be computed side by side; a stage needs the ones before
 * it complete. rnn, lstm and the usual gru have one stage a timestep, the gru that resets before the product
 * two. A piece is eight units (a panel) of one stage: many stages are done at once or, of a very large layer, some
 * units of one.
 *
 * How the members of a team share the stages, which must wait for one another:
 *
 *     directions   each takes one of the two, and nobody waits
 *     units        each takes some of the units, and all meet behind every stage
 *     sequences    each takes some of the sequences, and nobody waits, but all read all weights
 *     alone        what there is to do is less than the waiting
 */
import { Adjoints, GRU, GRU_RESET_BEFORE, LSTM, Recurrence, rowsOf } from './cells/cell';
import { barrier, ownAdjoints, ownRecurrence } from './team';
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

/** Panels of units from which meeting behind every stage costs little beside the stage. */
const WIDE: i32 = 16;
/** Operations of a stage from which it is worth the meeting behind it also where it is narrow. */
const WORTH_MEETING: f32 = 4e5;

enum Way {
  alone,
  directions,
  units,
  sequences,
}

/** `cost`: operations of a piece, in all directions. */
function wayToShare(first: usize, second: usize, cost: f32, members: i32): Way {
  const r = changetype<Recurrence>(first);
  const panels = r.unitPanels;
  const directions = second == 0 ? 1 : 2;
  if (members == 1) return Way.alone;
  if (members == directions) return Way.directions;
  if (panels >= max(WIDE, members)) return Way.units;
  if (r.sequences >= 2 * members) return Way.sequences;
  if (panels >= members && (cost * <f32>panels) / <f32>directions >= WORTH_MEETING) return Way.units;
  return second == 0 ? Way.alone : Way.directions;
}

/** Whether a team does better than one alone. */
export function canShareStages(first: usize, second: usize, cost: f32, members: i32): bool {
  return wayToShare(first, second, cost, members) != Way.alone;
}

/**
 * A member's share of pieces [from, to) of the forward pass of a layer, whose directions are the `Recurrence`s `first`
 * and `second` (0: there is but one).
 */
export function recurForward(from: i32, to: i32, first: usize, second: usize, cost: f32, team: usize, member: i32, members: i32): void {
  shareLayer(Pass.forward, from, to, first, second, cost, team, member, members);
}

/** The same of backpropagation through time, from the last timestep in each direction to the first. */
export function recurBackward(from: i32, to: i32, first: usize, second: usize, cost: f32, team: usize, member: i32, members: i32): void {
  shareLayer(Pass.backward, from, to, first, second, cost, team, member, members);
}

enum Pass {
  forward,
  backward,
}

function shareLayer(pass: Pass, from: i32, to: i32, first: usize, second: usize, cost: f32, team: usize, member: i32, members: i32): void {
  const way = wayToShare(first, second, cost, members);
  if (way != Way.directions || member == 0) shareDirection(pass, from, to, first, way, team, member, members);
  if (second != 0 && (way != Way.directions || member == 1)) shareDirection(pass, from, to, second, way, team, member, members);
}

function shareDirection(pass: Pass, from: i32, to: i32, recurrence: usize, way: Way, team: usize, member: i32, members: i32): void {
  const panels = changetype<Recurrence>(recurrence).unitPanels;
  const stage = from / panels;
  let u0 = from - stage * panels;
  let u1 = min(u0 + to - from, panels);
  const end = max(to / panels, stage + 1);
  let meeting: usize = 0;
  if (way == Way.units) {
    const units = u1 - u0;
    u1 = u0 + (units * (member + 1)) / members;
    u0 += (units * member) / members;
    meeting = team;
  } else if (way == Way.sequences) recurrence = someSequences(recurrence, team, member, members);
  if (pass == Pass.forward) forwardStages(recurrence, meeting, stage, end, u0, u1);
  else backwardStages(recurrence, meeting, ownAdjoints(team, member), stage, end, u0, u1);
}

/** A copy of a `Recurrence`, of a member's share of the sequences. */
function someSequences(recurrence: usize, team: usize, member: i32, members: i32): usize {
  const own = ownRecurrence(team, member);
  memory.copy(own, recurrence, offsetof<Recurrence>());
  const r = changetype<Recurrence>(own);
  const first = (r.sequences * member) / members;
  const rows = <usize>first << 5;
  r.rows = (r.sequences * (member + 1)) / members - first;
  r.gates += rows;
  r.hidden += rows;
  r.cellState += rows;
  r.cellTanh += rows;
  r.adjoint += rows;
  r.carry += rows;
  if (r.finalCarry != 0) r.finalCarry += rows;
  if (r.lengths != 0) r.lengths += <usize>first << 2;
  return own;
}

/** Stages [from, to) of the forward pass, for panels [u0, u1) of the units. `team`: who meets behind each stage, or 0. */
function forwardStages(recurrence: usize, team: usize, from: i32, to: i32, u0: i32, u1: i32): void {
  const r = changetype<Recurrence>(recurrence);
  const stages = stagesPerStep(r);
  for (let stage = from; stage < to; stage++) {
    const t = stepAt(r, stage / stages);
    if (r.cell == LSTM) lstmForward(r, t, u0, u1);
    else if (r.cell == GRU) gruForward(r, t, u0, u1);
    else if (r.cell == GRU_RESET_BEFORE) gruBeforeForward(r, t, stage & 1, u0, u1);
    else rnnForward(r, t, u0, u1);
    if (r.lengths != 0) holdEnded(r, t, u0, u1);
    barrier(team);
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
 * Stages [from, to) of backpropagation through time, for panels [u0, u1) of the units. The derivatives take the place
 * of the gates. `scratch`: room for an `Adjoints`.
 */
function backwardStages(recurrence: usize, team: usize, scratch: usize, from: i32, to: i32, u0: i32, u1: i32): void {
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
    barrier(team);
  }
}

/**
 * The elementwise part of one timestep's backward pass for the adjoints of several losses: the rows of
 * `adjoints` are B rows of a loss, then B of the next, and so on, for losses [from, to). Gates stay as they are.
 * `stage` is 1 only for the second half of the gru that resets before the product.
 */
export function cellDerivatives(from: i32, to: i32, recurrence: usize, adjoints: usize, t: i32, stage: i32, team: usize, member: i32): void {
  const r = changetype<Recurrence>(recurrence);
  const own = ownAdjoints(team, member);
  memory.copy(own, adjoints, offsetof<Adjoints>());
  const a = changetype<Adjoints>(own);
  const rows = <usize>r.rows << 5;
  shift(a, rows * <usize>from);
  for (let loss = from; loss < to; loss++) {
    if (r.cell == LSTM) lstmDerivatives(r, a, t, 0, r.unitPanels);
    else if (r.cell == GRU) gruDerivatives(r, a, t, 0, r.unitPanels);
    else if (r.cell == GRU_RESET_BEFORE && stage == 0) gruBeforeDerivatives(r, a, t, 0, r.unitPanels);
    else if (r.cell == GRU_RESET_BEFORE) gruBeforeResetDerivatives(r, a, t, 0, r.unitPanels);
    else rnnDerivatives(r, a, t, 0, r.unitPanels);
    shift(a, rows);
  }
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
