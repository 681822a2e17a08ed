import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../src/shared/safetensors';
import { architectureOf } from '../../src/spec/architecture';
import { parseSpec } from '../../src/spec/parse';
import { batchOf } from '../../src/training/batchFile';
import { traceBatch } from '../../src/training/batchTrace';
import { enginesAndVariants } from '../engines';
import { largestError } from '../unit/engine/support';

const cases = join(__dirname, 'translation');
const sizes = { source: 7, target: 6 };

/** Largest max|a − b| / max|b|, b being PyTorch's in f64: of what a trace holds, and of what updates lead to. */
const tolerances = { reference: { trace: 1e-9, updates: 1e-9 }, wasm: { trace: 2e-5, updates: 2e-3 } };

describe.each(enginesAndVariants)('translation models, $variant', ({ name: engine, create }) => {
  it.each(readdirSync(cases))('%s agrees with PyTorch', async (name) => {
    const read = (file: string) => readFileSync(join(cases, name, file));
    const tensors = (file: string) => decodeSafetensors(read(file)).tensors;
    const { spec } = parseSpec(read('spec.rnn.json').toString());
    const network = await create(architectureOf(spec!, { input: { kind: 'tokens', vocabulary: sizes.target }, outputs: sizes.target, loss: 'tokens', sourceVocabulary: sizes.source }));
    network.setParameters(tensors('weights.safetensors'));
    const { optimizer, clip } = spec!.training;
    const trace = traceBatch(network, batchOf(network.architecture, tensors('input.safetensors')), { updates: 3, rule: { optimizer, clip } });
    network.dispose();

    const expected = tensors('expected.safetensors');
    expect([...trace.keys()]).toEqual(expect.arrayContaining([...expected.keys()]));
    for (const [tensor, { shape }] of expected) expect(trace.get(tensor)!.shape, tensor).toEqual(shape);
    const isUpdate = (tensor: string) => tensor.startsWith('updated.') || tensor.startsWith('update.');
    const names = [...expected.keys()];
    for (const [kind, own] of [['trace', names.filter((tensor) => !isUpdate(tensor))], ['updates', names.filter(isUpdate)]] as const) {
      const worst = largestError(trace, expected, own);
      expect(worst.error, worst.name).toBeLessThan(tolerances[engine][kind]);
    }
  });
});
