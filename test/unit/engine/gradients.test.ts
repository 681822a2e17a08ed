import { describe, expect, it } from 'vitest';
import { initialParameters } from '../../../src/engine/initialise';
import { createReferenceEngine } from '../../../src/engine/reference/referenceEngine';
import type { LayerSpec } from '../../../src/spec/schema';
import { checkGradients } from '../../../src/training/check';
import { architecture, layer, randomBatch } from './support';

const cells: [string, Partial<LayerSpec> & Pick<LayerSpec, 'cell'>][] = [
  ['tanh RNN', { cell: 'rnn' }],
  ['ReLU RNN', { cell: 'rnn', activation: 'relu' }],
  ['LSTM', { cell: 'lstm' }],
  ['GRU, reset after', { cell: 'gru', resetAfter: true }],
  ['GRU, reset before', { cell: 'gru', resetAfter: false }],
];
const connections = ['none', 'residual', 'dense', 'highway'] as const;
const losses = ['tokens', 'values', 'class'] as const;

/** Each loss with another kind of input, so that embedding, one-hot tokens and values are all gone through. */
const sizes = { tokens: { vocabulary: 5, embedding: 3 }, values: { features: 3, outputs: 2 }, class: { vocabulary: 4, outputs: 3 } } as const;

describe.each(cells)('gradients of the %s', (_, { cell, ...settings }) => {
  describe.each([false, true])('bidirectional: %s', (bidirectional) => {
    describe.each(connections)('connection %s', (connection) => {
      it.each(losses)('agree with finite differences in every parameter, loss %s', (loss) => {
        const units = 2;
        const below = layer('rnn', bidirectional ? 2 * units : units);
        const network = architecture([below, layer(cell, units, { ...settings, bidirectional, connection })], { ...sizes[loss], loss });
        const engine = createReferenceEngine(network);
        engine.setParameters(initialParameters(network, 3));
        const { worstRelativeError } = checkGradients(engine, randomBatch(network, 4, 3, 5, [4, 2, 3]));
        expect(worstRelativeError).toBeLessThan(1e-8);
      });
    });
  });
});

describe('checkGradients', () => {
  it('shows a gradient that is wrong', () => {
    const network = architecture([layer('gru', 3)]);
    const engine = createReferenceEngine(network);
    engine.setParameters(initialParameters(network, 1));
    const wrong: typeof engine = Object.create(engine, {
      trace: {
        value: (...args: Parameters<typeof engine.trace>) => {
          const trace = engine.trace(...args);
          const data = trace.get('grad.param.layers.0.weight_hh_l0')!.data as Float64Array;
          data.forEach((g, i) => (data[i] = g * 1.01));
          return trace;
        },
      },
    });
    for (const method of ['parameters', 'setParameters', 'evaluate'] as const) Object.defineProperty(wrong, method, { value: engine[method].bind(engine) });
    const { worstRelativeError, parameters } = checkGradients(wrong, randomBatch(network, 3, 2, 1));
    expect(worstRelativeError).toBeGreaterThan(1e-3);
    expect(parameters.filter(({ relativeError }) => relativeError > 1e-6).map(({ name }) => name)).toEqual(['layers.0.weight_hh_l0']);
  });

  it('tries only as many elements as asked for, and leaves the parameters as they were', () => {
    const network = architecture([layer('lstm', 8)]);
    const engine = createReferenceEngine(network);
    engine.setParameters(initialParameters(network, 1));
    const before = engine.parameters();
    expect(checkGradients(engine, randomBatch(network, 2, 2, 1), { perParameter: 4 }).parameters.every(({ checked }) => checked === 4)).toBe(true);
    expect(engine.parameters()).toEqual(before);
  });
});
