import type { CellKind, ConnectionKind, LayerSpec, Spec } from './schema';

/** What enters the lowest layer at each timestep. */
export type InputShape =
  | { readonly kind: 'tokens'; readonly vocabulary: number; /** 0: one-hot. */ readonly embedding: number }
  | { readonly kind: 'values'; readonly features: number };

/** How the loss is taken: a class at every position, values at every position, or one class for the sequence. */
export type LossKind = 'tokens' | 'values' | 'class';

export type Direction = 'forward' | 'reverse';

/** One recurrent layer with all its sizes known; `repeat` is unrolled. */
export interface LayerShape {
  readonly cell: CellKind;
  /** H, the size of the hidden state of one direction. */
  readonly units: number;
  readonly activation: LayerSpec['activation'];
  readonly resetAfter: boolean;
  readonly directions: readonly Direction[];
  readonly connection: ConnectionKind;
  readonly dropout: number;
  readonly forgetBias: number;
  readonly init: LayerSpec['init'];
  /** I, the size of xₜ. */
  readonly inputSize: number;
  /** Hidden states of all directions side by side: units × directions. */
  readonly cellSize: number;
  /** O, after the connection. */
  readonly outputSize: number;
}

/** A network with all its sizes known: what an engine is built from. */
export interface Architecture {
  readonly input: InputShape;
  readonly layers: readonly LayerShape[];
  /** Size of the output layer (classes or target values). */
  readonly outputs: number;
  readonly loss: LossKind;
}

/** Number of gate blocks in a cell's weight matrices: rnn 1, gru 3 (r, z, n), lstm 4 (i, f, g, o). */
export const gateCount: Readonly<Record<CellKind, number>> = { rnn: 1, gru: 3, lstm: 4 };

/** Size of xₜ of the lowest layer: features, the embedding, or the vocabulary when one-hot. */
export function inputSize(input: InputShape): number {
  if (input.kind === 'values') return input.features;
  return input.embedding > 0 ? input.embedding : input.vocabulary;
}

/**
 * Layers with sizes, from the input upwards. Does not check that connections fit
 * (`problems.ts` does, with ranges); a misfit throws a RangeError that names both sizes.
 */
export function layerShapes(layers: readonly LayerSpec[], firstInput: number): LayerShape[] {
  const shapes: LayerShape[] = [];
  let size = firstInput;
  for (const { repeat, bidirectional, ...layer } of layers) {
    for (let copy = 0; copy < repeat; copy++) {
      const directions: readonly Direction[] = bidirectional ? ['forward', 'reverse'] : ['forward'];
      const cellSize = layer.units * directions.length;
      if ((layer.connection === 'residual' || layer.connection === 'highway') && cellSize !== size) {
        throw new RangeError(`layer ${shapes.length}: a ${layer.connection} connection needs the layer's output size to equal its input size ${size} (got ${cellSize})`);
      }
      const outputSize = layer.connection === 'dense' ? size + cellSize : cellSize;
      shapes.push({ ...layer, directions, inputSize: size, cellSize, outputSize });
      size = outputSize;
    }
  }
  return shapes;
}

/** The sizes that only the data know. */
export interface DataSizes {
  readonly input: { readonly kind: 'tokens'; readonly vocabulary: number } | { readonly kind: 'values'; readonly features: number };
  readonly outputs: number;
  readonly loss: LossKind;
}

/** The network of a (not translation) spec on data of these sizes. Throws RangeError when connections do not fit. */
export function architectureOf(spec: Pick<Spec, 'model'>, data: DataSizes): Architecture {
  const input: InputShape = data.input.kind === 'tokens' ? { ...data.input, embedding: spec.model.embedding } : data.input;
  return { input, layers: layerShapes(spec.model.layers ?? [], inputSize(input)), outputs: data.outputs, loss: data.loss };
}

/** Name and shape of a parameter, as in the safetensors files. */
export interface ParameterShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Size of what the output layer reads. */
export function headInputSize(architecture: Architecture): number {
  const top = architecture.layers.at(-1);
  return top ? top.outputSize : inputSize(architecture.input);
}

/** Parameters of layer `index` (its directions, then its highway gate), in file order. */
export function layerParameterShapes(layer: LayerShape, index: number): ParameterShape[] {
  const rows = gateCount[layer.cell] * layer.units;
  const shapes: ParameterShape[] = [];
  for (const direction of layer.directions) {
    const suffix = direction === 'reverse' ? '_reverse' : '';
    shapes.push(
      { name: `layers.${index}.weight_ih_l0${suffix}`, shape: [rows, layer.inputSize] },
      { name: `layers.${index}.weight_hh_l0${suffix}`, shape: [rows, layer.units] },
      { name: `layers.${index}.bias_ih_l0${suffix}`, shape: [rows] },
      { name: `layers.${index}.bias_hh_l0${suffix}`, shape: [rows] },
    );
  }
  if (layer.connection === 'highway') {
    shapes.push(
      { name: `connections.${index}.weight`, shape: [layer.outputSize, layer.inputSize] },
      { name: `connections.${index}.bias`, shape: [layer.outputSize] },
    );
  }
  return shapes;
}

/** Every parameter of the network with PyTorch's names and shapes, in file order: embedding, layers, output. */
export function parameterShapes(architecture: Architecture): ParameterShape[] {
  const { input, layers, outputs } = architecture;
  return [
    ...(input.kind === 'tokens' && input.embedding > 0 ? [{ name: 'embedding.weight', shape: [input.vocabulary, input.embedding] }] : []),
    ...layers.flatMap(layerParameterShapes),
    { name: 'output.weight', shape: [outputs, headInputSize(architecture)] },
    { name: 'output.bias', shape: [outputs] },
  ];
}
