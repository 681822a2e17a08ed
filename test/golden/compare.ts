import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor, Tensors } from '../../src/shared/tensor';
import { decodeSafetensors } from '../../src/shared/safetensors';

export const goldenCases = join(__dirname, 'cases');

/** Largest error that a case may show in a tensor: max|a − b| / (max|b| + 1e-8), b being PyTorch's. */
function tolerance(precision: 'f32' | 'f64', name: string, tensor: string): number {
  if (precision === 'f64') return 1e-9;
  if (name === 'rnn-exploding') return 2e-3; // chaotic on purpose
  return tensor.startsWith('updated.') || tensor.startsWith('update.') ? 2e-3 : 2e-5;
}

/** What is wrong with a trace of a golden case, a line a tensor: missing, of another shape, or too far from PyTorch's. */
export function misses(name: string, precision: 'f32' | 'f64', trace: Tensors): string[] {
  const expected = decodeSafetensors(readFileSync(join(goldenCases, name, 'expected.safetensors'))).tensors;
  return [...expected].flatMap(([tensor, { shape, data }]) => {
    const actual = trace.get(tensor);
    if (actual?.shape.join() !== shape.join()) return [`${tensor}: [${actual?.shape.join() ?? 'missing'}] instead of [${shape.join()}]`];
    const error = relativeError(actual.data, data);
    return error <= tolerance(precision, name, tensor) ? [] : [`${tensor}: ${error.toExponential(1)}`];
  });
}

function relativeError(actual: Tensor['data'], expected: Tensor['data']): number {
  let [difference, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [Number(actual[i]), Number(expected[i])];
    difference = Math.max(difference, Number.isNaN(a) ? Infinity : Math.abs(a - b));
    largest = Math.max(largest, Math.abs(b));
  }
  return difference / (largest + 1e-8);
}
