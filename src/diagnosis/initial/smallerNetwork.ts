import { initialParameters } from '../../engine/initialise';
import { Random } from '../../shared/random';
import type { Tensors } from '../../shared/tensor';
import { gateCount, inputSize, type InputShape, type LayerShape } from '../../spec/architecture';

/** A network small enough to be run at once, with weights of the same statistics as the large one's; the large one itself where it is small. */
export interface SmallerNetwork {
  readonly layers: readonly LayerShape[];
  /** As `initialParameters` names them. */
  readonly parameters: Tensors;
  /** Rows xₜ [T,I] of one sequence. */
  rows(steps: number, sequence: number): Float64Array;
}

/** Units of a direction, from which the largest is chosen that a budget allows. */
const sizes = [64, 56, 48, 40, 32, 28, 24, 20, 16, 12, 8];

/** Inputs of the lowest layer at most. */
const mostInputs = 24;

/**
 * The largest network, with at most as many units as `layers`, whose pass over `steps` timesteps takes at most
 * `budget` multiplications. Recurrent matrices are drawn as for the smaller size, where they have the same gain; input
 * matrices and biases are scaled to the variance that they have in the large network.
 */
export function smallerNetwork(input: InputShape, layers: readonly LayerShape[], seed: number, steps: number, budget: number): SmallerNetwork {
  const candidates = sizes.map((most) => reduced(input, layers, most));
  const chosen = candidates.find((candidate) => costOf(candidate.layers) * steps <= budget) ?? candidates.at(-1);
  if (!chosen) throw new RangeError('no size to choose from');
  const scales = layers.map((large, index) => scalesOf(input, large, chosen.layers[index] ?? large, index));
  // Biases that gates start with are not drawn: they keep their size where the drawn part is scaled.
  const drawn = chosen.layers.map((layer, index) => withGateBiases(layer, 1 / (scales[index]?.biases ?? 1)));
  const parameters = initialParameters({ input: chosen.input, layers: drawn, outputs: 1, loss: 'values' }, seed);
  scales.forEach((scale, index) => {
    for (const [name, { data }] of parameters) {
      if (!name.startsWith(`layers.${index}.`)) continue;
      const factor = name.includes('.weight_ih_') ? scale.inputs : name.includes('.bias_') ? scale.biases : 1;
      if (factor !== 1) data.forEach((value, i) => (data[i] = Number(value) * factor));
    }
  });
  return { layers: chosen.layers, parameters, rows: (count, sequence) => inputRows(chosen.input, count, Random.fromSeed(seed, 1 + sequence)) };
}

function reduced(input: InputShape, layers: readonly LayerShape[], most: number): { readonly input: InputShape; readonly layers: readonly LayerShape[] } {
  const small: LayerShape[] = [];
  const [first] = layers;
  const directions = first?.directions.length ?? 1;
  let size = first && adds(first) ? Math.min(first.units, most) * directions : Math.min(inputSize(input), mostInputs);
  const smallInput: InputShape = input.kind === 'tokens' && input.embedding === 0 ? { ...input, vocabulary: size } : { kind: 'values', features: size };
  for (const layer of layers) {
    const units = adds(layer) ? Math.max(1, Math.floor(size / layer.directions.length)) : Math.min(layer.units, most);
    const cellSize = units * layer.directions.length;
    small.push({ ...layer, units, inputSize: size, cellSize, outputSize: layer.connection === 'dense' ? size + cellSize : cellSize });
    size = small.at(-1)?.outputSize ?? size;
  }
  return { input: smallInput, layers: small };
}

/** Whether input and output must have one size. */
function adds({ connection }: LayerShape): boolean {
  return connection === 'residual' || connection === 'highway';
}

/** Multiplications of a timestep: once forwards in every direction, once back in one. */
function costOf(layers: readonly LayerShape[]): number {
  return layers.reduce((sum, { cell, units, inputSize: inputs, directions }) => sum + gateCount[cell] * units * (directions.length * (inputs + units) + units), 0);
}

interface Scales {
  readonly inputs: number;
  readonly biases: number;
}

/** Factors that give the small layer's inputs and biases the large one's variance. */
function scalesOf(input: InputShape, large: LayerShape, small: LayerShape, index: number): Scales {
  // A token is a single 1 among zeros: one column, whatever their number.
  const single = index === 0 && input.kind === 'tokens' && input.embedding === 0;
  const variance = (layer: LayerShape): number => (single ? 1 : layer.inputSize) * (layer.init === 'xavier' ? 2 / (layer.inputSize + layer.units) : 1 / (3 * layer.units));
  return { inputs: Math.sqrt(variance(large) / variance(small)), biases: large.init === 'uniform' ? Math.sqrt(small.units / large.units) : 1 };
}

function withGateBiases(layer: LayerShape, factor: number): LayerShape {
  const gateBias = Object.fromEntries(Object.entries(layer.gateBias ?? {}).map(([gate, bias]) => [gate, bias * factor]));
  return { ...layer, forgetBias: layer.forgetBias * factor, gateBias };
}

/** xₜ [T,I]: numbers from N(0, 1), as standardised values and embeddings are, or rows with a single 1. */
function inputRows(input: InputShape, steps: number, random: Random): Float64Array {
  const width = inputSize(input);
  const rows = new Float64Array(steps * width);
  if (input.kind === 'values') return rows.map(() => random.normal());
  for (let t = 0; t < steps; t++) rows[t * width + random.below(width)] = 1;
  return rows;
}
