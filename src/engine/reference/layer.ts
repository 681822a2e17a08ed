import type { LayerShape } from '../../spec/architecture';
import { dropoutFactor, type Dropout } from '../dropout';
import type { Checkpointed } from '../engine';
import { cellOf } from './cells';
import type { CellParameters, CellState } from './cells/cell';
import { connect, type ConnectionStep } from './connection';
import { walkDirection, type DirectionAdjoints, type DirectionRun } from './direction';
import type { Linear } from './linear';
import { accumulate, columns, map, sideBySide, type Matrix } from './matrix';
import type { Lengths } from './padding';

/** Parameters of one layer, or the gradients of them. */
export interface LayerParameters {
  readonly directions: readonly CellParameters[];
  readonly highway?: Linear;
}

/** The forward pass of one layer. */
export interface LayerRun {
  readonly directions: readonly DirectionRun[];
  /** The highway's gate [B,O] at each timestep; empty for other connections. */
  readonly gates: readonly Matrix[];
  /** [B,O] at each timestep, after the connection. */
  readonly outputs: readonly Matrix[];
  /** From the adjoints of the outputs, [n·B,O] at each timestep, and of each direction's last state; adds to `gradients` when they are given. */
  backward(dOutputs: readonly Matrix[], gradients: LayerParameters | undefined, alive: Checkpointed, dFinal?: readonly CellState[]): LayerAdjoints;
}

/** What one layer's backward pass found. */
export interface LayerAdjoints {
  readonly directions: readonly DirectionAdjoints[];
  /** Of the layer's inputs, [n·B,I] at each timestep; computed when called. */
  inputs(): Matrix[];
  /** The two ways in which the inputs' adjoints arrive, of a layer with a connection; computed when called. */
  paths(): PathAdjoints;
}

/** Adjoints of a layer's inputs [n·B,I] at each timestep by the way they came; their sum is the whole. */
export interface PathAdjoints {
  /** Around the layer, unchanged by any weight; see `ConnectionAdjoints`. */
  readonly identity: readonly Matrix[];
  /** Through the cell in all its directions, later timesteps included, and through a highway's gate. */
  readonly transform: readonly Matrix[];
}

/** What a layer needs besides its inputs and parameters. */
export interface LayerOptions {
  /** The state before the first timestep, of each direction. */
  readonly initial: readonly CellState[];
  readonly lengths: Lengths;
  readonly dropout?: Dropout;
}

/** The forward pass of a layer while it is under way. */
export interface LayerWalk {
  /** One cell, the next timestep of direction `d`. With the last direction's at a timestep comes the layer's output there: dropout, then the connection around it. */
  step(d: number, t: number, x: Matrix): void;
  /** The output at timestep t [B,O]. Throws a RangeError before all directions have been there. */
  output(t: number): Matrix;
  /** When all cells are done. */
  finish(): LayerRun;
}

/** Begins to run a layer over T timesteps. */
export function walkLayer(shape: LayerShape, parameters: LayerParameters, count: number, { initial, lengths, dropout }: LayerOptions): LayerWalk {
  const cell = cellOf(shape);
  const walks = shape.directions.map((direction, d) => {
    const [own, before] = [parameters.directions[d], initial[d]];
    if (!own || !before) throw new RangeError(`the ${direction} direction needs parameters and a state to begin with`);
    return walkDirection(cell, own, count, direction, before, lengths);
  });
  const hidden = walks.map((): Matrix[] => new Array<Matrix>(count));
  const connections: ConnectionStep[] = new Array(count);
  return {
    step(d, t, x) {
      const [walk, own] = [walks[d], hidden[d]];
      if (!walk || !own) throw new RangeError(`the layer has no direction ${d}`);
      own[t] = walk.step(t, x);
      const all = hidden.map((each) => each[t]).filter((m) => m !== undefined);
      if (all.length === walks.length) connections[t] = connect(shape.connection, drop(sideBySide(all), t, dropout), x, parameters.highway);
    },
    output(t) {
      const step = connections[t];
      if (!step) throw new RangeError(`the layer has no output at timestep ${t} yet`);
      return step.output;
    },
    finish: () => finishedLayer(shape, walks.map((walk) => walk.finish()), connections, dropout),
  };
}

function finishedLayer(shape: LayerShape, directions: readonly DirectionRun[], connections: readonly ConnectionStep[], dropout: Dropout | undefined): LayerRun {
  return {
    directions,
    gates: connections.map(({ gate }) => gate).filter((gate) => gate !== undefined),
    outputs: connections.map(({ output }) => output),
    backward(dOutputs, gradients, aliveBackward, dFinal) {
      const around = connections.map((step, t) => step.backward(dOutputs[t] ?? step.output, gradients?.highway));
      const partial = around.map(({ h }, t) => drop(h, t, dropout));
      const adjoints = directions.map((run, d) => run.backward(partial.map((dh) => columns(dh, d * shape.units, (d + 1) * shape.units)), gradients?.directions[d], aliveBackward, dFinal?.[d]));
      return {
        directions: adjoints,
        inputs: () => around.map(({ identity, gate }, t) => sumOf([identity, gate, ...adjoints.map(({ inputs }) => inputs[t]?.())])),
        paths: () => ({
          identity: around.map(({ identity }) => identity).filter((m) => m !== undefined),
          transform: around.map(({ gate }, t) => sumOf([gate, ...adjoints.map(({ inputs }) => inputs[t]?.())])),
        }),
      };
    },
  };
}

function sumOf(parts: readonly (Matrix | undefined)[]): Matrix {
  const [first, ...rest] = parts.filter((part) => part !== undefined);
  if (!first) throw new RangeError('a layer without a direction');
  const sum = map(first, (value) => value);
  for (const part of rest) accumulate(sum, part);
  return sum;
}

/** Inverted dropout of [B,C] at timestep t: the same factors forwards and backwards. */
function drop(h: Matrix, t: number, dropout: Dropout | undefined): Matrix {
  return dropout ? map(h, (value, i) => value * dropoutFactor(dropout, t * h.data.length + i)) : h;
}
