import type { Tensors } from '../shared/tensor';
import type { Architecture, LayerShape, ParameterPrefix } from '../spec/architecture';
import type { TrainingSpec } from '../spec/schema';
import type { Batch } from './engine';

/**
 * The order in which a forward pass computes its cells: all timesteps of a layer before the next layer, as
 * PyTorch does, or all layers of a timestep before the next timestep. Both compute the same; the way back
 * always goes layer by layer. A layer with a reverse direction cannot take part in a timestep, so it is done
 * whole (see `layerGroups`). A translation model finishes its encoder before its decoder, whose first states
 * are the encoder's last, and each of the two goes in this order within itself.
 */
export type ProcessingOrder = TrainingSpec['order'];

/** One timestep of one direction of a layer: one application of its cell. */
export interface CellPlace {
  readonly layer: number;
  /** 0: forward, 1: reverse. */
  readonly direction: number;
  readonly t: number;
}

type Directed = Pick<LayerShape, 'directions'>;

/**
 * Numbers of the layers in groups that are done one after the other. Time-major goes through several layers together, but a
 * layer with a reverse direction has no output at any timestep before it has read the last one, so it is
 * done whole, by itself, after everything below and before everything above it.
 */
export function layerGroups(layers: readonly Directed[], order: ProcessingOrder): number[][] {
  const groups: number[][] = [];
  layers.forEach((layer, index) => {
    const together = order === 'time-major' && layer.directions.length === 1 && layers[index - 1]?.directions.length === 1;
    const group = together ? groups.at(-1) : undefined;
    if (group) group.push(index);
    else groups.push([index]);
  });
  return groups;
}

/** All cells of a forward pass over T timesteps in the order in which they are computed. */
export function cellSequence(layers: readonly Directed[], steps: number, order: ProcessingOrder): CellPlace[] {
  const times = Array.from({ length: steps }, (_, t) => t);
  return layerGroups(layers, order).flatMap((group): CellPlace[] => {
    if (group.length > 1) return times.flatMap((t) => group.map((layer) => ({ layer, direction: 0, t })));
    return group.flatMap((layer) => (layers[layer]?.directions ?? []).flatMap((name, direction) => (name === 'forward' ? times : [...times].reverse()).map((t) => ({ layer, direction, t }))));
  });
}

/**
 * The wavefront level of each cell of a sequence, from 0: one more than the highest level among the cells it
 * needs, which are the one before it in its direction and those of all directions of the layer below at its
 * timestep. Cells of a level need nothing of each other and could run at once; without reverse directions the
 * level is layer + t. `starts` holds, of each layer that starts from cells of another stack, the highest level
 * among those. Does not depend on the order. Throws a RangeError when a cell comes before one it needs.
 */
export function wavefrontLevels(layers: readonly Directed[], sequence: readonly CellPlace[], starts: readonly (number | undefined)[] = []): number[] {
  const known = new Map<string, number>();
  const levelOf = (layer: number, direction: number, t: number): number => {
    const level = known.get(`${layer} ${direction} ${t}`);
    if (level === undefined) throw new RangeError(`the cell of layer ${layer}, direction ${direction}, timestep ${t} comes after one that needs it`);
    return level;
  };
  const last = Math.max(...sequence.map(({ t }) => t));
  return sequence.map(({ layer, direction, t }) => {
    const reverse = layers[layer]?.directions[direction] === 'reverse';
    const below = layers[layer - 1]?.directions.map((_, d) => levelOf(layer - 1, d, t)) ?? [];
    const before = t === (reverse ? last : 0) ? (starts[layer] ?? -1) : levelOf(layer, direction, t + (reverse ? 1 : -1));
    const level = Math.max(before, ...below) + 1;
    known.set(`${layer} ${direction} ${t}`, level);
    return level;
  });
}

/**
 * What a trace tells about the order that it ran in: `order.layer-major` or `order.time-major`, I64 [n,3],
 * whose row i is the layer, direction (0 forward, 1 reverse) and timestep of the i-th cell to be computed, and
 * `order.level`, I64 [n], that cell's wavefront level.
 *
 * Of a translation model the same of each stack, as `encoder.order.…`, which ran first, and `decoder.order.…`,
 * whose levels count on from those of the encoder's cells: a decoder layer begins behind the last cells of the
 * layer that hands its state over, and at level layer + t where none does. Attention holds no cell up: it looks at
 * the encoder's outputs above both stacks.
 */
export function orderTensors({ layers, encoder }: Pick<Architecture, 'layers' | 'encoder'>, { steps, source }: Pick<Batch, 'steps' | 'source'>, order: ProcessingOrder): Tensors {
  if (!encoder || !source) return stackOrder(layers, steps, order, '').tensors;
  const { highest, tensors } = stackOrder(encoder.layers, source.steps, order, 'encoder.');
  const starts = encoder.handOver.map((from) => (from === undefined ? undefined : highest[from]));
  return new Map([...tensors, ...stackOrder(layers, steps, order, 'decoder.', starts).tensors]);
}

/** A stack's tensors, and the highest level of each layer, which is that of its last cells. */
function stackOrder(layers: readonly Directed[], steps: number, order: ProcessingOrder, prefix: ParameterPrefix, starts?: readonly (number | undefined)[]): { readonly highest: readonly number[]; readonly tensors: Tensors } {
  const sequence = cellSequence(layers, steps, order);
  const levels = wavefrontLevels(layers, sequence, starts);
  const integers = (values: readonly number[]): BigInt64Array => BigInt64Array.from(values, BigInt);
  return {
    highest: layers.map((_, index) => Math.max(...levels.filter((_level, i) => sequence[i]?.layer === index))),
    tensors: new Map([
      [`${prefix}order.${order}`, { dtype: 'I64', shape: [sequence.length, 3], data: integers(sequence.flatMap(({ layer, direction, t }) => [layer, direction, t])) }],
      [`${prefix}order.level`, { dtype: 'I64', shape: [sequence.length], data: integers(levels) }],
    ]),
  };
}
