import type { Tensors } from '../../shared/tensor';

/** Largest |a − b| over the hidden states, of all layers and directions, of two traces of one sample. */
export function largestStateDifference(first: Tensors, second: Tensors): number {
  let largest = 0;
  for (const [name, { data }] of first) {
    if (!name.endsWith('.h') || name.includes('.grad.')) continue;
    const others = second.get(name)?.data ?? [];
    for (let i = 0; i < data.length; i++) largest = Math.max(largest, Math.abs(Number(data[i]) - Number(others[i])));
  }
  return largest;
}
