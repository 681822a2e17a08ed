import { describe, expect, it } from 'vitest';
import { loadData } from '../../../src/data/load';
import { measureLongGradient } from '../../../src/diagnosis/gradient';
import { heldOutSequences } from '../../../src/diagnosis/heldOut';
import { initialParameters } from '../../../src/engine/initialise';
import { architectureOf } from '../../../src/spec/architecture';
import { specSchema } from '../../../src/spec/schema';
import { engines } from '../../engines';
import { memoryFiles } from '../data/files';

/** A vanilla net on recall, its recurrent weights as they are at first, times `scale`. */
async function longGradient(scale: number, lag: number, { dropout = 0, batch = 32 } = {}) {
  const spec = specSchema.parse({ version: 1, name: 'm', task: { kind: 'synthetic', problem: 'recall', length: 16, lag: 8 }, model: { layers: [{ cell: 'rnn', units: 12, init: 'orthogonal', dropout }] } });
  const data = await loadData(spec.task, memoryFiles({}, 1 << 16));
  const architecture = architectureOf(spec, data.sizes);
  const engine = await engines.find(({ name }) => name === 'wasm')!.create(architecture);
  const parameters = initialParameters(architecture, 1);
  for (const [name, { data: values }] of parameters) if (name.includes('weight_hh')) for (let i = 0; i < values.length; i++) values[i] = Number(values[i]) * scale;
  engine.setParameters(parameters);
  return measureLongGradient(engine, heldOutSequences(data, spec.task, spec.training, 384), lag, batch, () => undefined);
}

describe('the gradient from far back', () => {
  it('is nothing where the recurrent weights are 0, and a good part where they carry', async () => {
    expect((await longGradient(0, 8))!.share).toBeLessThan(1e-6);
    expect((await longGradient(1, 8))!.share).toBeGreaterThan(0.1);
  });

  it('shrinks as the weights to the power of the lag', async () => {
    const [full, half] = [(await longGradient(0.5, 8))!.share, (await longGradient(0.25, 8))!.share];
    expect(full / half).toBeGreaterThan(2 ** 6);
    expect(full / half).toBeLessThan(2 ** 9);
  });

  it('stands out more where the batch is larger', async () => {
    const [small, large] = [(await longGradient(1, 8, { batch: 8 }))!, (await longGradient(1, 8, { batch: 32 }))!];
    expect(large.signalToNoise / small.signalToNoise).toBeCloseTo(4, 5);
    expect(large.error).toBeGreaterThan(0);
  });

  it('is not measured beyond all sequences, nor where dropout makes two passes differ', async () => {
    expect(await longGradient(1, 40)).toBeUndefined();
    expect(await longGradient(1, 8, { dropout: 0.3 })).toBeUndefined();
  });
});
