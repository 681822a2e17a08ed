import type { CellKind, ConnectionKind, LayerSpec, Spec } from './schema';
import { attendedSize, encoderShape, type EncoderShape } from './encoder';

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
  readonly gateBias?: LayerSpec['gateBias'];
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
  /** Of a translation model, whose other parts here are the decoder's: what reads the source. */
  readonly encoder?: EncoderShape;
}

/** What the blocks of a cell's weight matrices compute, in file order: gru r, z, n; lstm i, f, g, o. */
export const gateBlocks = {
  rnn: ['cell'],
  gru: ['reset', 'update', 'new'],
  lstm: ['input', 'forget', 'cell', 'output'],
} as const satisfies Readonly<Record<CellKind, readonly string[]>>;

/** Number of gate blocks in a cell's weight matrices. */
export const gateCount: Readonly<Record<CellKind, number>> = { rnn: gateBlocks.rnn.length, gru: gateBlocks.gru.length, lstm: gateBlocks.lstm.length };

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
  /** Kinds of token that the encoder of a translation reads; `input` is then the decoder's. */
  readonly sourceVocabulary?: number;
}

/**
 * The network of a spec on data of these sizes. Throws RangeError when connections do not fit, or when the
 * parts of a translation model cannot work together.
 */
export function architectureOf({ model }: Pick<Spec, 'model'>, data: DataSizes): Architecture {
  const input: InputShape = data.input.kind === 'tokens' ? { ...data.input, embedding: model.embedding } : data.input;
  const layers = layerShapes((data.sourceVocabulary === undefined ? model.layers : model.decoder?.layers) ?? [], inputSize(input));
  const plain: Architecture = { input, layers, outputs: data.outputs, loss: data.loss };
  if (data.sourceVocabulary === undefined) return plain;
  const source: InputShape = { kind: 'tokens', vocabulary: data.sourceVocabulary, embedding: model.embedding };
  return { ...plain, encoder: encoderShape(source, layerShapes(model.encoder?.layers ?? [], inputSize(source)), layers, model.decoder?.attention ?? 'none') };
}

/** Name and shape of a parameter, as in the safetensors files. */
export interface ParameterShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Size of what the output layer reads: the top outputs and, with attention, the context beside them. */
export function headInputSize({ input, layers, encoder }: Architecture): number {
  return (layers.at(-1)?.outputSize ?? inputSize(input)) + attendedSize(encoder);
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

/** What stands before the names of a translation model's parameters; other models have none. */
export type ParameterPrefix = '' | 'encoder.' | 'decoder.';

/** The prefix of all parameters but the encoder's. */
export function ownPrefix({ encoder }: Architecture): ParameterPrefix {
  return encoder ? 'decoder.' : '';
}

/**
 * Every parameter of the network with PyTorch's names and shapes, in file order: embedding, layers, output; of
 * a translation model the encoder's embedding and layers first, and then the decoder's with the output.
 */
export function parameterShapes(architecture: Architecture): ParameterShape[] {
  const { encoder, outputs } = architecture;
  const prefix = ownPrefix(architecture);
  return [
    ...(encoder ? stackParameterShapes(encoder, 'encoder.') : []),
    ...stackParameterShapes(architecture, prefix),
    { name: `${prefix}output.weight`, shape: [outputs, headInputSize(architecture)] },
    { name: `${prefix}output.bias`, shape: [outputs] },
  ];
}

function stackParameterShapes({ input, layers }: Pick<Architecture, 'input' | 'layers'>, prefix: ParameterPrefix): ParameterShape[] {
  const embedding = input.kind === 'tokens' && input.embedding > 0 ? [{ name: 'embedding.weight', shape: [input.vocabulary, input.embedding] }] : [];
  return [...embedding, ...layers.flatMap(layerParameterShapes)].map(({ name, shape }) => ({ name: `${prefix}${name}`, shape }));
}
