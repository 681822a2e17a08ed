import type { LayerShape } from '../../spec/architecture';
import { dropoutFactor, type Dropout } from '../dropout';
import type { Checkpointed } from '../engine';
import { cellOf } from './cells';
import type { CellParameters, CellState } from './cells/cell';
import { connect } from './connection';
import { runDirection, type DirectionAdjoints, type DirectionRun } from './direction';
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
  readonly alive: Checkpointed;
}

/** Runs all timesteps of a layer: its directions side by side, dropout, then the connection around it. */
export function runLayer(shape: LayerShape, parameters: LayerParameters, xs: readonly Matrix[], { initial, lengths, dropout, alive }: LayerOptions): LayerRun {
  const cell = cellOf(shape);
  const directions = shape.directions.map((direction, d) => {
    const [own, before] = [parameters.directions[d], initial[d]];
    if (!own || !before) throw new RangeError(`the ${direction} direction needs parameters and a state to begin with`);
    return runDirection(cell, own, xs, direction, before, lengths, alive);
  });
  const connections = xs.map((x, t) => {
    const h = sideBySide(directions.map(({ hidden }) => hidden[t]).filter((m) => m !== undefined));
    return connect(shape.connection, drop(h, t, dropout), x, parameters.highway);
  });

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
