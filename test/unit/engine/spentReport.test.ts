import { describe, expect, it } from 'vitest';
import type { UpdateRule } from '../../../src/engine/engine';
import { initialParameters } from '../../../src/engine/initialise';
import { engines } from '../../engines';
import { architecture, layer, randomBatch } from './support';

const byValue: UpdateRule = { optimizer: { kind: 'sgd', learningRate: 0.1 }, clip: { kind: 'value', threshold: 1e-3 } };
const byNorm: UpdateRule = { optimizer: { kind: 'adam', learningRate: 0.1 }, clip: { kind: 'norm', threshold: 0.01 } };
const unclipped: UpdateRule = { optimizer: { kind: 'adam', learningRate: 0.1 } };

describe.each(engines)('$name, given a report that nobody reads any more', ({ create }) => {
  it('reports the same as without, whatever stood there', async () => {
    const network = architecture([layer('lstm', 9), layer('gru', 5)], { embedding: 3 });
    const batches = [randomBatch(network, 4, 3, 1), randomBatch(network, 5, 2, 2, [5, 2]), randomBatch(network, 4, 3, 3)];
    const [anew, again] = await Promise.all([create(network), create(network)]);
    for (const engine of [anew, again]) engine.setParameters(initialParameters(network, 1));
    let spent;
    for (const rule of [byValue, byNorm, unclipped, byValue]) {
      for (const batch of batches) {
        const expected = anew.step(batch, rule);
        spent = again.step(batch, rule, { spent });
        expect(spent).toEqual(expected);
      }
    }
    for (const engine of [anew, again]) engine.dispose();
  });
});
