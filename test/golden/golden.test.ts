import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTraceSource } from '../../src/commandLine/traceSource';
import type { Tensor } from '../../src/shared/tensor';
import { decodeSafetensors } from '../../src/shared/safetensors';
import { traceBatch } from '../../src/training/batchTrace';
import { engines } from '../engines';

const cases = join(__dirname, 'cases');

/** Largest error that the case may show in this tensor: max|a − b| / (max|b| + 1e-8), b being PyTorch's. */
function tolerance(engine: string, name: string, tensor: string): number {
  if (engine === 'reference') return 1e-9;
  if (name === 'rnn-exploding') return 2e-3; // chaotic on purpose
  return tensor.startsWith('updated.') || tensor.startsWith('update.') ? 2e-3 : 2e-5;
}

describe.each(engines)('golden cases, $name engine', ({ name: engine, create }) => {
  it.each(readdirSync(cases))('%s agrees with PyTorch', async (name) => {
    const path = (file: string) => join(cases, name, file);
    const { spec, architecture, parameters, batch } = await readTraceSource(path('spec.rnn.json'), { weights: path('weights.safetensors'), input: path('input.safetensors') });
    const network = await create(architecture);
    network.setParameters(parameters);
    const { optimizer, clip } = spec.training;
    const trace = traceBatch(network, batch, { updates: 3, rule: { optimizer, clip } });
    network.dispose();

    const expected = decodeSafetensors(readFileSync(path('expected.safetensors'))).tensors;
    expect([...trace.keys()]).toEqual(expect.arrayContaining([...expected.keys()]));
    const misses: string[] = [];
    for (const [tensor, { shape, data }] of expected) {
      const actual = trace.get(tensor)!;
      expect(actual.shape, tensor).toEqual(shape);
      const error = relativeError(actual.data, data);
      if (!(error <= tolerance(engine, name, tensor))) misses.push(`${tensor}: ${error.toExponential(1)}`);
    }
    expect(misses).toEqual([]);
  });
});

function relativeError(actual: Tensor['data'], expected: Tensor['data']): number {
  let [difference, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [Number(actual[i]), Number(expected[i])];
    difference = Math.max(difference, Number.isNaN(a) ? Infinity : Math.abs(a - b));
    largest = Math.max(largest, Math.abs(b));
  }
  return difference / (largest + 1e-8);
}
