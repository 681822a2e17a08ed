import type { Direction } from '../../spec/architecture';
import type { Checkpointed } from '../engine';
import type { Cell, CellParameters, CellState, CellStep } from './cells/cell';
import { add, zeros, type Matrix } from './matrix';
import { realRows, select, type Lengths } from './padding';

/** The forward pass of a layer in one direction; lists are in input order. */
export interface DirectionRun {
  readonly direction: Direction;
  readonly steps: readonly CellStep[];
  /** hₜ [B,H] of each timestep, zero where the sequence has ended. */
  readonly hidden: readonly Matrix[];
  /** The state of each sequence after its last timestep in this direction. */
  readonly final: CellState;
  /**
   * Backpropagation through time. `partial[t]` [n·B,H] is what reaches hₜ from above: the loss, the
   * connection, the next layer; `dFinal` what reaches the last state from outside. Adds to `gradients` when
   * they are given (then n must be 1).
   */
  backward(partial: readonly Matrix[], gradients: CellParameters | undefined, alive: Checkpointed, dFinal?: CellState): DirectionAdjoints;
}

/** Adjoints of one direction, each a matrix [n·B,·] at every timestep, in input order. */
export interface DirectionAdjoints {
  /** Total derivatives by hₜ, through every step that comes later in this direction. */
  readonly h: readonly Matrix[];
  /** Total derivatives by cₜ, of an LSTM. */
  readonly c: readonly Matrix[];
  readonly partial: readonly Matrix[];
  /** Derivatives by xₜ; computed when called. */
  readonly inputs: readonly (() => Matrix)[];
  /** Derivatives by the state before the first timestep in this direction. */
  readonly initial: CellState | undefined;
}

/** The forward pass of a direction while it is under way. */
export interface DirectionWalk {
  /** The next timestep in this direction, from xₜ [B,I]; gives hₜ. */
  step(t: number, x: Matrix): Matrix;
  /** When all timesteps are done. */
  finish(): DirectionRun;
}

/**
 * Begins to run a cell over T timesteps. A sequence that has ended keeps its state untouched, so
 * that the reverse direction begins at each sequence's own end.
 */
export function walkDirection(cell: Cell, parameters: CellParameters, count: number, direction: Direction, initial: CellState, lengths: Lengths): DirectionWalk {
  const steps: CellStep[] = new Array(count);
  const hidden: Matrix[] = new Array(count);
  let state = initial;
  return {
    step(t, x) {
      const step = cell(parameters, x, state);
      const h = realRows(step.state.h, t, lengths);
      steps[t] = step;
      hidden[t] = h;
      state = selectState(step.state, state, t, lengths);
      return h;
    },
    finish: () => finishedDirection(direction, steps, hidden, state, lengths),
  };
}

function finishedDirection(direction: Direction, steps: readonly CellStep[], hidden: readonly Matrix[], final: CellState, lengths: Lengths): DirectionRun {
  const order = direction === 'forward' ? [...steps.keys()] : [...steps.keys()].reverse();
  const count = steps.length;
  return {
    direction,
    steps,
    hidden,
    final,
    backward(partial, gradients, aliveBackward, dFinal) {
      const adjoints = { h: new Array<Matrix>(count), c: new Array<Matrix>(0), partial: new Array<Matrix>(count), inputs: new Array<() => Matrix>(count) };
      let later = dFinal;
      for (const t of [...order].reverse()) {
        aliveBackward();
        const fromAbove = realRows(partial[t] ?? zeros(0, 0), t, lengths);
        // 1. Everything that depends on hₜ: what lies above it and what comes later.
        const h = later ? realRows(add(fromAbove, later.h), t, lengths) : fromAbove;
        const cLater = later?.c && realRows(later.c, t, lengths);
        // 2. Back through the cell's equations.
        const step = steps[t]?.backward({ h, c: cLater }, gradients);
        if (!step) continue;
        adjoints.partial[t] = fromAbove;
        adjoints.h[t] = h;
        if (step.c) adjoints.c[t] = step.c;
        adjoints.inputs[t] = step.inputs;
        // 3. Where a sequence had ended its state came through unchanged, and so does its adjoint.
        later = selectState(step.before, later, t, lengths);
      }
      return { ...adjoints, initial: later };
    },
  };
}

function selectState(real: CellState, ended: CellState | undefined, t: number, lengths: Lengths): CellState {
  const h = select(real.h, ended?.h, t, lengths);
  return real.c ? { h, c: select(real.c, ended?.c, t, lengths) } : { h };
}
