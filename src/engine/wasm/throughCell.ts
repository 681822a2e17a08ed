import { sharesJacobians, type AdjointBuffers } from './adjointBuffers';
import { panelRange, skipRows, type EngineMemory, type Panels } from './memory';
import { cellCode, recurrentGates, type DirectionModel, type LayerModel } from './model';
import type { CellBlocks, Operations, Weight } from './operations';
import type { DirectionPlan } from './plan';

/** Elements this much smaller than their row, which is scaled to about 1, count as 0. */
const negligible = 1e-30;

/** One direction of a layer on the way back, for `copies` losses of `sequences` rows each. */
export interface CellPlace {
  readonly operations: Operations;
  readonly memory: EngineMemory;
  readonly model: LayerModel;
  readonly direction: DirectionModel;
  readonly plan: DirectionPlan;
  readonly buffers: AdjointBuffers;
  /** Room for an `Adjoints`. */
  readonly adjoints: number;
  readonly steps: number;
  readonly copies: number;
  readonly sequences: number;
}

/**
 * The way of adjoints back through a cell, a timestep at a time. Beginning with zeros, `hidden` and `carry` (see
 * `Recurrence.carry`) hold what the timestep after has sent back; whoever goes back adds what comes from above, and calls `back`.
 */
export interface ThroughCell {
  readonly hidden: Panels;
  readonly carry: Panels;
  /** An `Adjoints` of `hidden` and `carry`. */
  readonly adjoints: number;
  /**
   * Takes losses [from, to) through timestep t, to what it sends to the timestep before and, where `dx` is given, to the
   * layer below: added to these rows, which begin at the first loss.
   */
  back(t: number, from: number, to: number, dx: Panels | undefined): void;
}

/** The faster way for so many losses; all of its buffers are used anew. */
export function throughCell(place: CellPlace): ThroughCell {
  const shared = sharesJacobians(place.copies, place.sequences) && place.model.code !== cellCode['gru-reset-before'];
  return shared ? new ThroughJacobian(place) : new ThroughGates(place);
}

/** Every row by itself: derivatives by the gates, then their products with the weights. */
class ThroughGates implements ThroughCell {
  readonly hidden: Panels;
  readonly carry: Panels;
  readonly adjoints: number;
  readonly #gates: Panels;
  readonly #place: CellPlace;

  constructor(place: CellPlace) {
    const { operations, memory, model, buffers, adjoints, copies, sequences } = place;
    this.#place = place;
    this.#gates = panelRange(buffers.gates, 0, model.blocks * model.unitPanels);
    [this.hidden, this.carry] = halves(buffers.states[0], model.unitPanels);
    this.adjoints = writeAdjoints(memory, adjoints, this.#gates, this.hidden, this.carry);
    operations.clear(copies * sequences, buffers.states[0]);
  }

  back(t: number, from: number, to: number, dx: Panels | undefined): void {
    const { operations, model, direction, sequences } = this.#place;
    const [first, rows] = [from * sequences, (to - from) * sequences];
    const [hidden, gates] = [skipRows(this.hidden, first), skipRows(this.#gates, first)];
    this.#derivatives(t, 0, from, to);
    if (direction.transposedNew && model.code === cellCode['gru-reset-before']) {
      operations.clear(rows, hidden);
      operations.product(rows, panelRange(gates, 0, model.unitPanels), direction.transposedNew, hidden);
      this.#derivatives(t, 1, from, to);
    }
    if (dx && direction.transposedIh) operations.product(rows, panelRange(gates, 0, model.inputBlocks * model.unitPanels), direction.transposedIh, skipRows(dx, first));
    operations.clear(rows, hidden);
    operations.product(rows, recurrentGates(model, gates), direction.transposedHh, hidden);
  }

  #derivatives(t: number, stage: number, from: number, to: number): void {
    const { operations, model, plan, sequences } = this.#place;
    operations.cellDerivatives(from, to, sequences * model.unitPanels * model.blocks * 80, plan.job, this.adjoints, t, stage);
  }
}

/** All rows together, through Jacobians that they share: of one sequence. See `src/engine/kernels/cellJacobian.ts`. */
class ThroughJacobian implements ThroughCell {
  readonly adjoints: number;
  readonly #place: CellPlace;
  readonly #cell: CellBlocks;
  /** [T][sources][blocks and carry]. */
  readonly #slopes: Panels;
  /** Bytes from a slope of dh to that of dc. */
  readonly #sourceSkip: number;
  /** Here and at the timestep before, in turn. */
  #here: Panels;
  #next: Panels;

  constructor(place: CellPlace) {
    const { operations, memory, model, plan, buffers, adjoints, copies, steps } = place;
    const { unitPanels, blocks } = model;
    const sources = model.code === cellCode.lstm ? 2 : 1;
    this.#place = place;
    this.#cell = { sources, blocks, unitPanels };
    this.#slopes = panelRange(buffers.slopes, 0, sources * (blocks + 1) * unitPanels);
    this.#sourceSkip = (blocks + 1) * unitPanels * buffers.slopes.stride;
    [this.#here, this.#next] = buffers.states;
    this.adjoints = writeAdjoints(memory, adjoints, buffers.gates, this.hidden, this.carry);
    for (const states of buffers.states) operations.clear(copies, states);
    operations.cellSlopes(steps, plan.job, this.#cell, this.#slopes, negligible);
  }

  get hidden(): Panels {
    return halves(this.#here, this.#cell.unitPanels)[0];
  }

  get carry(): Panels {
    return halves(this.#here, this.#cell.unitPanels)[1];
  }

  back(t: number, from: number, to: number, dx: Panels | undefined): void {
    const { operations, model, direction, buffers } = this.#place;
    const { sources, blocks, unitPanels } = this.#cell;
    const rows = to - from;
    const slopes = skipRows(this.#slopes, t);
    const here = panelRange(skipRows(this.#here, from), 0, sources * unitPanels);
    const [hidden, carry] = halves(skipRows(this.#next, from), unitPanels);
    const through = (first: number, count: number, weight: Weight, jacobian: number, out: Panels): void => {
      const gates = panelRange(slopes, first * unitPanels, count * unitPanels);
      operations.cellJacobian({ sources, blocks: count, unitPanels }, gates, this.#sourceSkip, weight, jacobian);
      operations.productOfPanels(rows, here, { address: jacobian, kPanels: sources * unitPanels, nPanels: weight.nPanels }, out);
    };
    if (dx && direction.transposedIh) through(0, model.inputBlocks, direction.transposedIh, buffers.jacobians.inputs, skipRows(dx, from));
    if (model.shape.cell !== 'rnn') operations.carryBack(rows, this.#cell, panelRange(slopes, blocks * unitPanels, unitPanels), this.#sourceSkip, here, panelRange(here, unitPanels, unitPanels), carry);
    operations.clear(rows, hidden);
    through(model.code === cellCode.gru ? 1 : 0, model.code === cellCode.gru ? 3 : blocks, direction.transposedHh, buffers.jacobians.states, hidden);
    [this.#here, this.#next] = [this.#next, this.#here];
  }
}

/** The panels of h and of what goes with it. */
function halves(states: Panels, unitPanels: number): readonly [Panels, Panels] {
  return [panelRange(states, 0, unitPanels), panelRange(states, unitPanels, unitPanels)];
}

/** Writes an `Adjoints` of `src/engine/kernels/cells/cell.ts`. */
function writeAdjoints({ i32, f32 }: EngineMemory, address: number, gates: Panels, hidden: Panels, carry: Panels): number {
  const at = address / 4;
  [gates, hidden, carry].forEach((matrix, index) => i32.set([matrix.address, matrix.stride], at + 2 * index));
  f32[at + 6] = negligible;
  return address;
}
