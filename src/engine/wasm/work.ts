import type { Model, Stack } from './model';
import type { Weight } from './operations';
import type { Purpose } from './plan';

/** About how many operations the products of a pass over so many rows take; `train`: forwards and back. */
export function stackOperations({ layers }: Pick<Stack, 'layers'>, rows: number, purpose: Purpose): number {
  const weights = layers.flatMap(({ directions, highway }) => [...directions.flatMap(({ weightIh, weightHh }) => [weightIh, weightHh]), ...(highway ? [highway.weight] : [])]);
  return passOperations(weights.map(({ value }) => value), rows, purpose);
}

/** The same of a whole network. */
export function modelOperations({ layers, head }: Model, rows: number, purpose: Purpose): number {
  return stackOperations({ layers }, rows, purpose) + passOperations([head.weight.value], rows, purpose);
}

function passOperations(weights: readonly Weight[], rows: number, purpose: Purpose): number {
  const forward = weights.reduce((sum, { kPanels, nPanels }) => sum + 2 * 64 * kPanels * nPanels, 0) * rows;
  return purpose === 'train' ? 3 * forward : forward;
}
