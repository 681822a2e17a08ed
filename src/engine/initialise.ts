import { Random } from '../shared/random';
import { sizeOf, type Tensors } from '../shared/tensor';
import { gateBlocks, gateCount, layerParameterShapes, ownPrefix, parameterShapes, type Architecture, type LayerShape, type ParameterPrefix } from '../spec/architecture';

/**
 * Initial parameters of a network, drawn from the seed: F64, in file order, the same for every engine.
 *
 * - `embedding.weight`: N(0, 1), as nn.Embedding.
 * - recurrent layers, by `init`:
 *   - `uniform`: matrices and biases ±1/√units, as nn.RNN, nn.LSTM and nn.GRU;
 *   - `xavier`: each gate's matrices ±√(6/(fan_in + fan_out)) (Glorot and Bengio 2010), biases 0;
 *   - `orthogonal`: each gate's recurrent matrix a random orthogonal one (Saxe et al. 2014), input
 *     matrices ±1/√units, biases 0;
 *   - `identity`: each gate's recurrent matrix the identity (Le et al. 2015), the rest as `orthogonal`.
 * - gates: `forgetBias` (LSTM) and `gateBias` are then added to their gates' parts of `bias_ih`, so once to the sum of both biases.
 * - highway gates: ±1/√fan_in as nn.Linear, the bias shifted by −1 so that the layer carries its input
 *   through at first (Srivastava et al. 2015).
 * - output layer: ±1/√fan_in, as nn.Linear.
 */
export function initialParameters(architecture: Architecture, seed: number): Tensors {
  const random = Random.fromSeed(seed);
  const layersOf = (layers: readonly LayerShape[], prefix: ParameterPrefix): (readonly [string, LayerShape])[] =>
    layers.flatMap((layer, index) => layerParameterShapes(layer, index).map(({ name }) => [`${prefix}${name}`, layer] as const));
  const layerOf = new Map([...layersOf(architecture.encoder?.layers ?? [], 'encoder.'), ...layersOf(architecture.layers, ownPrefix(architecture))]);
  const parameters: Tensors = new Map();
  for (const { name, shape } of parameterShapes(architecture)) {
    const data = new Float64Array(sizeOf(shape));
    const layer = layerOf.get(name);
    if (name.endsWith('embedding.weight')) data.forEach((_, i) => (data[i] = random.normal()));
    else if (layer === undefined) uniform(data, linearBound(parameters, name, shape), random);
    else if (/(^|\.)connections\./.test(name)) {
      uniform(data, 1 / Math.sqrt(layer.inputSize), random);
      if (name.endsWith('.bias')) data.forEach((value, i) => (data[i] = value - 1));
    } else fillRecurrent(data, name, layer, random);
    parameters.set(name, { dtype: 'F64', shape, data });
  }
  return parameters;
}

/** One of the four tensors of a recurrent layer's direction. */
function fillRecurrent(data: Float64Array, name: string, layer: LayerShape, random: Random): void {
  const { init, units, inputSize, cell, forgetBias, gateBias } = layer;
  const gates = gateCount[cell];
  if (name.includes('.bias_')) {
    if (init === 'uniform') uniform(data, 1 / Math.sqrt(units), random);
    if (!name.includes('.bias_ih_')) return;
    const added: Readonly<Record<string, number | undefined>> = { ...gateBias, forget: forgetBias };
    gateBlocks[cell].forEach((gate, block) => {
      for (let i = block * units; i < (block + 1) * units; i++) data[i] = (data[i] ?? 0) + (added[gate] ?? 0);
    });
    return;
  }
  const recurrent = name.includes('.weight_hh_');
  const fanIn = recurrent ? units : inputSize;
  if (init === 'xavier') uniform(data, Math.sqrt(6 / (fanIn + units)), random);
  else if (recurrent && init === 'orthogonal') for (let gate = 0; gate < gates; gate++) orthogonal(data.subarray(gate * units * units, (gate + 1) * units * units), units, random);
  else if (recurrent && init === 'identity') for (let row = 0; row < gates * units; row++) data[row * units + (row % units)] = 1;
  else uniform(data, 1 / Math.sqrt(units), random);
}

/** 1/√fan_in of a linear layer; its bias reads fan_in from the weight drawn just before. */
function linearBound(parameters: Tensors, name: string, shape: readonly number[]): number {
  const fanIn = (name.endsWith('.weight') ? shape : parameters.get(name.replace(/bias$/, 'weight'))?.shape)?.[1] ?? 1;
  return 1 / Math.sqrt(fanIn);
}

function uniform(data: Float64Array, bound: number, random: Random): void {
  random.fillBetween(data, -bound, bound);
}

/**
 * Fills [n,n] with a random orthogonal matrix, uniform over all of them: the rows of a Gaussian matrix,
 * made orthonormal one after the other (modified Gram–Schmidt, a QR decomposition whose R has a
 * positive diagonal, as torch.nn.init.orthogonal_). Takes 2n³ operations.
 */
function orthogonal(matrix: Float64Array, n: number, random: Random): void {
  matrix.forEach((_, i) => (matrix[i] = random.normal()));
  for (let row = 0; row < n; row++) {
    const current = matrix.subarray(row * n, (row + 1) * n);
    for (let before = 0; before < row; before++) {
      const other = matrix.subarray(before * n, (before + 1) * n);
      const along = dot(current, other);
      for (let j = 0; j < n; j++) current[j] = (current[j] ?? 0) - along * (other[j] ?? 0);
    }
    const length = Math.sqrt(dot(current, current));
    for (let j = 0; j < n; j++) current[j] = (current[j] ?? 0) / length;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
