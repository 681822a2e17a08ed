import { describe, expect, it } from 'vitest';
import { initialParameters } from '../../../src/engine/initialise';
import { Random } from '../../../src/shared/random';
import { architectureOf } from '../../../src/spec/architecture';
import { specSchema } from '../../../src/spec/schema';
import { engines } from '../../engines';

describe.each(engines)('$name: a step from a given state', ({ create }) => {
  it.each(['rnn', 'gru', 'lstm'])('is the same after a batch of another shape, whatever stood in memory (%s with 12 units)', async (cell) => {
    const spec = specSchema.parse({ version: 1, name: 'm', task: { kind: 'batch', loss: 'tokens', vocabulary: 5, outputs: 5 }, model: { layers: [{ cell, units: 12 }] } });
    const architecture = architectureOf(spec, { input: { kind: 'tokens', vocabulary: 5 }, outputs: 5, loss: 'tokens' });
    const engine = await create(architecture);
    const parameters = initialParameters(architecture, 1);
    const random = Random.fromSeed(2);
    const tokens = (steps: number) => Int32Array.from({ length: steps * 3 }, () => random.below(5));
    const batches = [16, 12].map((steps) => ({ steps, sequences: 3, inputs: tokens(steps), targets: tokens(steps) }));
    const norms = () => batches.map((batch) => {
      engine.setParameters(parameters);
      return engine.step(batch, { optimizer: { kind: 'sgd', learningRate: 100 } }, { state: engine.createState(3) }).gradNorm;
    });
    const first = norms();
    expect(norms()).toEqual(first);
    expect(norms()).toEqual(first);
    engine.dispose();
  });
});
