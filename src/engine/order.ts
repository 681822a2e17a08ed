import type { Tensors } from '../shared/tensor';
import type { LayerShape } from '../spec/architecture';
import type { TrainingSpec } from '../spec/schema';

/**
 * The order in which a forward pass computes its cells: all timesteps of a layer before the next layer, as
 * PyTorch does, or all layers of a timestep before the next timestep. Both compute the same; the way back
 * always goes layer by layer.
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
 * level is layer + t. Does not depend on the order. Throws a RangeError when a cell comes before one it needs.
 */
export function wavefrontLevels(layers: readonly Directed[], sequence: readonly CellPlace[]): number[] {
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
    const before = t === (reverse ? last : 0) ? [] : [levelOf(layer, direction, t + (reverse ? 1 : -1))];
    const level = Math.max(-1, ...below, ...before) + 1;
    known.set(`${layer} ${direction} ${t}`, level);
    return level;
  });
}

/**
 * What a trace tells about the order that it ran in: `order.layer-major` or `order.time-major`, I64 [n,3],
 * whose row i is the layer, direction (0 forward, 1 reverse) and timestep of the i-th cell to be computed, and
 * `order.level`, I64 [n], that cell's wavefront level.
 */
export function orderTensors(layers: readonly Directed[], steps: number, order: ProcessingOrder): Tensors {
  const sequence = cellSequence(layers, steps, order);
  const integers = (values: readonly number[]): BigInt64Array => BigInt64Array.from(values, BigInt);
  return new Map([
    [`order.${order}`, { dtype: 'I64', shape: [sequence.length, 3], data: integers(sequence.flatMap(({ layer, direction, t }) => [layer, direction, t])) }],
    ['order.level', { dtype: 'I64', shape: [sequence.length], data: integers(wavefrontLevels(layers, sequence)) }],
  ]);
}
