import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTracedBatch, readTracedModel } from '../../src/commandLine/traceSource';
import { traceBatch } from '../../src/training/batchTrace';
import { enginesAndVariants } from '../engines';
import { goldenCases, misses } from './compare';

describe.each(enginesAndVariants)('golden cases, $variant', ({ name: engine, create }) => {
  it.each(readdirSync(goldenCases))('%s agrees with PyTorch', async (name) => {
    const path = (file: string) => join(goldenCases, name, file);
    const files = { weights: path('weights.safetensors'), input: path('input.safetensors') };
    const model = await readTracedModel(path('spec.rnn.json'), files);
    const { spec, architecture, parameters } = model;
    const network = await create(architecture);
    network.setParameters(parameters);
    const { batch } = await readTracedBatch(path('spec.rnn.json'), network, model, files);
    const { optimizer, clip } = spec.training;
    const trace = traceBatch(network, batch, { updates: 3, rule: { optimizer, clip } });
    network.dispose();
    expect(misses(name, engine === 'reference' ? 'f64' : 'f32', trace)).toEqual([]);
  });
});
