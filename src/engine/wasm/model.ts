import { gateCount, headInputSize, inputSize, type Architecture, type Direction, type InputShape, type LayerShape, type ParameterPrefix } from '../../spec/architecture';
import { gateColumns, joinColumns, panelsOf, plainColumns, sameColumns, type Columns } from './columns';
import { Layout, type Trained } from './layout';
import { panelRange, type Arena, type EngineMemory, type Panels } from './memory';
import { weightBytes, type BiasBlocks, type Operations, type Weight } from './operations';
import type { ParameterStore } from './parameterStore';

/** The cells as `src/engine/kernels/cells/cell.ts` numbers them. */
export const cellCode = { 'rnn-tanh': 0, 'rnn-relu': 1, lstm: 2, gru: 3, 'gru-reset-before': 4 } as const;

/** Where the parameters of one direction of a layer lie, and what is derived from them. */
export interface DirectionModel {
  readonly direction: Direction;
  readonly weightIh: Trained<Weight>;
  readonly weightHh: Trained<Weight>;
  readonly biasIh: Trained<number>;
  readonly biasHh: Trained<number>;
  /** Both biases as the pre-activations begin, [blocks·U]. */
  readonly bias: number;
  /** Transposes for the backward products: from the pre-activations that come from xₜ, where nothing below them is trained absent, and from hₜ₋₁. */
  readonly transposedIh: Weight | undefined;
  readonly transposedHh: Weight;
  /** Of W_hn, of a gru that resets before the product. */
  readonly transposedNew: Weight | undefined;
}

/** One layer: its shape, the arrangement of its features, and its parameters. */
export interface LayerModel {
  readonly shape: LayerShape;
  readonly code: number;
  /** ⌈H/8⌉. */
  readonly unitPanels: number;
  /** Blocks of U columns of pre-activations: one a gate, and of a gru one more (see its kernel). */
  readonly blocks: number;
  /** The first so many of them have a part that comes from xₜ. */
  readonly inputBlocks: number;
  /** xₜ, hₜ of all directions, and the output after the connection. */
  readonly x: Columns;
  readonly h: Columns;
  readonly output: Columns;
  /** Where x has to be moved, for the connection, to lie like h: addresses of both places of each feature. */
  readonly moveX: { readonly from: number; readonly to: number } | undefined;
  readonly directions: readonly DirectionModel[];
  readonly highway: { readonly weight: Trained<Weight>; readonly bias: Trained<number>; readonly transposed: Weight } | undefined;
}

/** Embedding and layers, laid out in memory. */
export interface Stack {
  readonly input: InputShape;
  readonly embedding: Trained<Weight> | undefined;
  readonly layers: readonly LayerModel[];
  /** Of the top layer (the inputs, without layers). */
  readonly output: Columns;
}

/** The output layer. */
export interface HeadModel {
  readonly columns: Columns;
  readonly weight: Trained<Weight>;
  readonly bias: Trained<number>;
  readonly transposed: Weight;
}

/** A network laid out in memory: parameters, gradients, moments and derived weights; the workspace of a batch comes behind `end`. */
export interface Model extends Stack {
  readonly architecture: Architecture;
  readonly store: ParameterStore;
  readonly head: HeadModel;
  /** The first address behind the model. */
  readonly end: number;
}

/** The order in which PyTorch's gates stand in the pre-activations, and in W_hh; see the kernels' blocks. */
const inputGateBlocks = { rnn: [0], lstm: [0, 1, 2, 3], gru: [1, 2, 0] } as const;
const recurrentGateBlocks = { rnn: [0], lstm: [0, 1, 2, 3], gru: [0, 1, 2] } as const;

/** Lays a network out behind address `start`, all parameters 0. Throws a RangeError when memory does not suffice. */
export function layOut(architecture: Architecture, memory: EngineMemory, start: number): Model {
  const layout = new Layout(memory, start);
  const stack = layOutStack(layout, architecture, '');
  const head = layOutHead(layout, architecture, '', stack.output);
  return { architecture, store: layout.store, ...stack, head, end: layout.finish() };
}

/** Embedding and layers, with names that begin with `prefix`. */
export function layOutStack(layout: Layout, { input, layers: shapes }: Pick<Architecture, 'input' | 'layers'>, prefix: ParameterPrefix): Stack {
  const features = plainColumns(inputSize(input));
  const embedding = ((): Trained<Weight> | undefined => {
    if (input.kind !== 'tokens' || input.embedding === 0) return undefined;
    const tokens = plainColumns(input.vocabulary);
    return layout.weight(layout.store.addTable(`${prefix}embedding.weight`, tokens, features), tokens.panels, features.panels);
  })();
  let x = features;
  const layers = shapes.map((shape, index): LayerModel => {
    const layer = layOutLayer(layout, shape, index, x, prefix, index > 0 || embedding ? 'trained-inputs' : 'given-inputs');
    x = layer.output;
    return layer;
  });
  return { input, embedding, layers, output: x };
}

/** The output layer, which reads features that lie like `reads`. */
export function layOutHead(layout: Layout, architecture: Architecture, prefix: ParameterPrefix, reads: Columns): HeadModel {
  const columns = plainColumns(architecture.outputs);
  if (reads.size !== headInputSize(architecture)) throw new RangeError(`the output layer reads ${headInputSize(architecture)} features, but the top layer gives ${reads.size}`);
  const weight = layout.weight(layout.store.addWeight(`${prefix}output.weight`, columns, reads), reads.panels, columns.panels);
  return { columns, weight, bias: layout.vector(layout.store.addVector(`${prefix}output.bias`, columns)), transposed: layout.derived(columns.panels, reads.panels) };
}

function layOutLayer(layout: Layout, shape: LayerShape, index: number, x: Columns, prefix: ParameterPrefix, inputs: 'trained-inputs' | 'given-inputs'): LayerModel {
  const { store } = layout;
  const unitPanels = panelsOf(shape.units);
  const blocks = shape.cell === 'gru' ? 4 : gateCount[shape.cell];
  const inputBlocks = gateCount[shape.cell];
  const resetsBefore = shape.cell === 'gru' && !shape.resetAfter;
  const units = plainColumns(shape.units);
  const inputGates = gateColumns(shape.units, inputGateBlocks[shape.cell]);
  const recurrentGates = gateColumns(shape.units, recurrentGateBlocks[shape.cell]);

  const directions = shape.directions.map((direction): DirectionModel => {
    const name = (part: string): string => `${prefix}layers.${index}.${part}_l0${direction === 'reverse' ? '_reverse' : ''}`;
    const made = {
      direction,
      weightIh: layout.weight(store.addWeight(name('weight_ih'), inputGates, x), x.panels, inputGates.panels),
      weightHh: layout.weight(store.addWeight(name('weight_hh'), recurrentGates, units), unitPanels, recurrentGates.panels),
      biasIh: layout.vector(store.addVector(name('bias_ih'), inputGates)),
      biasHh: layout.vector(store.addVector(name('bias_hh'), recurrentGates)),
      bias: 0,
      // Traces follow adjoints to given inputs too, where a connection leads around the layer.
      transposedIh: inputs === 'trained-inputs' || shape.connection !== 'none' ? layout.derived(inputGates.panels, x.panels) : undefined,
      transposedHh: layout.derived(resetsBefore ? 2 * unitPanels : recurrentGates.panels, unitPanels),
      transposedNew: resetsBefore ? layout.derived(unitPanels, unitPanels) : undefined,
    };
    layout.later(({ arena }) => (made.bias = arena.take(blocks * unitPanels * 32)));
    return made;
  });

  const h = joinColumns(directions.map(() => units));
  const output = shape.connection === 'dense' ? joinColumns([x, h]) : h;
  const around = shape.connection === 'residual' || shape.connection === 'highway';
  const moveX = around && !sameColumns(x, h) ? { from: 0, to: 0 } : undefined;
  if (moveX) {
    layout.later(({ arena, memory }) => {
      moveX.from = writeIntegers(memory, arena, x.place);
      moveX.to = writeIntegers(memory, arena, h.place);
    });
  }
  const highway =
    shape.connection === 'highway'
      ? {
          weight: layout.weight(store.addWeight(`${prefix}connections.${index}.weight`, h, x), x.panels, h.panels),
          bias: layout.vector(store.addVector(`${prefix}connections.${index}.bias`, h)),
          transposed: layout.derived(h.panels, x.panels),
        }
      : undefined;
  return { shape, code: codeOf(shape), unitPanels, blocks, inputBlocks, x, h, output, moveX, directions, highway };
}

function codeOf({ cell, activation, resetAfter }: LayerShape): number {
  if (cell === 'rnn') return activation === 'relu' ? cellCode['rnn-relu'] : cellCode['rnn-tanh'];
  if (cell === 'lstm') return cellCode.lstm;
  return resetAfter ? cellCode.gru : cellCode['gru-reset-before'];
}

/** Integers that kernels read, at the address given back. */
export function writeIntegers(memory: EngineMemory, arena: Arena, values: Int32Array): number {
  const address = arena.take(values.byteLength);
  memory.reserve(arena.end);
  memory.i32.set(values, address >>> 2);
  return address;
}

/**
 * Where the biases of a layer's gates go. A gru has b_ih of n, r, z in blocks 0 to 2, and b_hh of r, z in blocks 1 and
 * 2; that of n in block 3, with s, or (reset before the product) in block 0, with n.
 */
export function biasBlocks({ unitPanels, blocks, inputBlocks, code }: LayerModel): BiasBlocks {
  const shift = code === cellCode.gru || code === cellCode['gru-reset-before'] ? 1 : 0;
  return { panels: unitPanels, blocks, gates: inputBlocks, shift, cycle: code === cellCode.gru ? blocks : inputBlocks };
}

/** The transposes that the backward pass of a layer reads; of W_ih only when its inputs have a gradient. */
export function transposeWeights(operations: Operations, { directions, unitPanels, code, highway }: LayerModel, inputs: 'with-inputs' | 'without-inputs'): void {
  for (const { weightIh, weightHh, transposedIh, transposedHh, transposedNew } of directions) {
    if (inputs === 'with-inputs' && transposedIh) operations.transpose(weightIh.value, transposedIh.address);
    if (code === cellCode['gru-reset-before'] && transposedNew) {
      operations.transpose({ ...weightHh.value, nPanels: 2 * unitPanels }, transposedHh.address);
      operations.transpose({ address: weightHh.value.address + weightBytes(unitPanels, 2 * unitPanels), kPanels: unitPanels, nPanels: unitPanels }, transposedNew.address);
    } else operations.transpose(weightHh.value, transposedHh.address);
  }
  if (highway && inputs === 'with-inputs') operations.transpose(highway.weight.value, highway.transposed.address);
}

/** The blocks of pre-activations that come from hₜ₋₁ in one product. */
export function recurrentGates({ code, unitPanels, inputBlocks }: LayerModel, gates: Panels): Panels {
  if (code === cellCode.gru) return panelRange(gates, unitPanels, 3 * unitPanels);
  if (code === cellCode['gru-reset-before']) return panelRange(gates, unitPanels, 2 * unitPanels);
  return panelRange(gates, 0, inputBlocks * unitPanels);
}
