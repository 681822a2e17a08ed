import { unitVectors } from '../../engine/carry';
import { connect } from '../../engine/reference/connection';
import { sideBySide, type Matrix } from '../../engine/reference/matrix';
import { reachOf } from '../../shared/flow';
import type { InitialNetwork } from '../../shared/initialNetwork';
import type { Tensors } from '../../shared/tensor';
import type { LayerShape } from '../../spec/architecture';
import { linearise, type DirectionWeights, type LinearisedRun } from './linearised';
import { initialLayers } from './network';
import { smallerNetwork } from './smallerNetwork';

/** Lags that are followed. */
export const longestLag = 200;

/** Sequences, each followed back with a vector of its own. */
const sequences = 2;

/** Multiplications of one sequence, its way back included: about 12 ms. */
const budget = 10e6;

/** What a layer's weights could transmit before any training; no loss and no data are involved. */
export interface InitialCarry {
  /** Of the unrolled stack, from the input upwards. */
  readonly layer: number;
  readonly state: 'h' | 'c';
  /** √mean‖Jᵀv‖² with J = ∂sₜ/∂sₜ₋ₙ at n = 0 … 200, as `LayerCarry.rms`, of the forward direction. */
  readonly rms: readonly number[];
  /** Largest lag at which 1 % of lag 0 is left; 200 may mean further. */
  readonly reach: number;
}

export interface InitialCarryOptions {
  /** Factor on all recurrent matrices; 1 when absent. */
  readonly recurrentScale?: number;
  /** Follows this layer alone; all when absent. */
  readonly layer?: number;
}

/**
 * The carry of every layer at initialisation, in some tens of milliseconds for any size: products of Jacobians along
 * two sequences of random inputs, of the network itself or, where that is large, of a smaller one with the same
 * statistics. As the large one's own seeds differ, so may this by a tenth of the decades that are lost. Throws a
 * RangeError when a connection does not fit.
 */
export function initialCarry(network: InitialNetwork, { recurrentScale = 1, layer: only }: InitialCarryOptions = {}): InitialCarry[] {
  const shapes = initialLayers(network).slice(0, only === undefined ? undefined : only + 1);
  const { layers, parameters, rows } = smallerNetwork(network.input, shapes, network.seed, longestLag + 1, budget);
  for (const [name, { data }] of parameters) if (recurrentScale !== 1 && name.includes('.weight_hh_')) data.forEach((value, i) => (data[i] = Number(value) * recurrentScale));
  const squares = layers.map(() => new Float64Array(longestLag + 1));
  const states: LinearisedRun['state'][] = [];
  for (let sequence = 0; sequence < sequences; sequence++) {
    let x: Matrix = matrixOf(rows(longestLag + 1, sequence), layers[0]?.inputSize ?? 1);
    layers.forEach((shape, index) => {
      const runs = shape.directions.map((direction) => run(weightsOf(parameters, shape, index, direction), x, direction));
      const [forward] = runs;
      const sums = squares[index];
      if (!forward || !sums) return;
      states[index] = forward.run.state;
      if (only === undefined || index === only) addSquares(sums, forward.run, shape.units, index * sequences + sequence);
      if (index < layers.length - 1) x = connect(shape.connection, sideBySide(runs.map(({ hidden }) => hidden)), x, highwayOf(parameters, shape, index)).output;
    });
  }
  return layers.flatMap((_, layer) => {
    if (only !== undefined && layer !== only) return [];
    const rms = Array.from(squares[layer] ?? [], (sum) => Math.sqrt(sum / sequences));
    return [{ layer, state: states[layer] ?? 'h', rms, reach: reachOf(rms) }];
  });
}

/** Follows a random unit vector from the last timestep to the first. */
function addSquares(sums: Float64Array, walked: LinearisedRun, units: number, place: number): void {
  const [h, c] = [new Float64Array(units), new Float64Array(units)];
  (walked.state === 'c' ? c : h).set(unitVectors(1, place, 1, units));
  for (let lag = 0; lag <= longestLag; lag++) sums[lag] = (sums[lag] ?? 0) + walked.back(longestLag - lag, { h, c }) ** 2;
}

/** One direction over rows [T,I]; its hidden states [T,H] in the order of the input. */
function run(weights: DirectionWeights, x: Matrix, direction: 'forward' | 'reverse'): { readonly run: LinearisedRun; readonly hidden: Matrix } {
  const walked = linearise(weights, direction === 'forward' ? x.data : turned(x).data);
  const hidden = matrixOf(walked.hidden, weights.units);
  return { run: walked, hidden: direction === 'forward' ? hidden : turned(hidden) };
}

/** The same rows, last first. */
function turned({ rows, columns, data }: Matrix): Matrix {
  const other = new Float64Array(data.length);
  for (let row = 0; row < rows; row++) other.set(data.subarray(row * columns, (row + 1) * columns), (rows - 1 - row) * columns);
  return { rows, columns, data: other };
}

function weightsOf(parameters: Tensors, { cell, activation, resetAfter, units, inputSize: inputs }: LayerShape, index: number, direction: 'forward' | 'reverse'): DirectionWeights {
  const suffix = direction === 'reverse' ? '_reverse' : '';
  const named = (name: string): Float64Array => dataOf(parameters, `layers.${index}.${name}_l0${suffix}`);
  return { cell, activation, resetAfter, units, inputs, weightIh: named('weight_ih'), weightHh: named('weight_hh'), biasIh: named('bias_ih'), biasHh: named('bias_hh') };
}

function highwayOf(parameters: Tensors, { connection, inputSize }: LayerShape, index: number): Parameters<typeof connect>[3] {
  if (connection !== 'highway') return undefined;
  return { weight: matrixOf(dataOf(parameters, `connections.${index}.weight`), inputSize), bias: dataOf(parameters, `connections.${index}.bias`) };
}

function dataOf(parameters: Tensors, name: string): Float64Array {
  const data = parameters.get(name)?.data;
  if (!(data instanceof Float64Array)) throw new RangeError(`${name} is missing`);
  return data;
}

function matrixOf(data: Float64Array, columns: number): Matrix {
  return { rows: data.length / columns, columns, data };
}
