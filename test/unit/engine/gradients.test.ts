import { describe, expect, it } from 'vitest';
import { initialParameters } from '../../../src/engine/initialise';
import { createReferenceEngine } from '../../../src/engine/reference/referenceEngine';
import { parameterShapes, type Architecture } from '../../../src/spec/architecture';
import type { LayerSpec } from '../../../src/spec/schema';
import { checkGradients, randomCheckBatch } from '../../../src/training/check';
import { architecture, layer, randomBatch } from './support';
import { translationModel } from './translation/support';

const cells: [string, Partial<LayerSpec> & Pick<LayerSpec, 'cell'>][] = [
  ['tanh RNN', { cell: 'rnn' }],
  ['ReLU RNN', { cell: 'rnn', activation: 'relu' }],
  ['LSTM', { cell: 'lstm' }],
  ['GRU, reset after', { cell: 'gru', resetAfter: true }],
  ['GRU, reset before', { cell: 'gru', resetAfter: false }],
];
const connections = ['none', 'residual', 'dense', 'highway'] as const;
const losses = ['tokens', 'values', 'class', 'translation', 'translation with attention'] as const;

/** The layer over another one that fits, under each loss with another kind of input, so that embedding, one-hot tokens and values are all gone through. */
function networkOf(loss: (typeof losses)[number], tested: LayerSpec): Architecture {
  const size = tested.units * (tested.bidirectional ? 2 : 1);
  const layers = [layer('rnn', size), tested];
  if (loss === 'tokens') return architecture(layers, { vocabulary: 5, embedding: 3, loss });
  if (loss === 'values') return architecture(layers, { features: 3, outputs: 2, loss });
  if (loss === 'class') return architecture(layers, { vocabulary: 4, outputs: 3, loss });
  // The same cell and connection on both sides; a decoder only ever reads forwards.
  const decoder = [layer('rnn', size), { ...tested, units: size, bidirectional: false }];
  return translationModel({ encoder: layers, decoder, attention: loss === 'translation' ? 'none' : 'dot' });
}

// What `unroll check` does, for every combination there is.
describe.each(cells)('gradients of the %s', (_, { cell, ...settings }) => {
  describe.each([false, true])('bidirectional: %s', (bidirectional) => {
    describe.each(connections)('connection %s', (connection) => {
      it.each(losses)('agree with finite differences in every parameter, loss %s', (loss) => {
        const network = networkOf(loss, layer(cell, 2, { ...settings, bidirectional, connection }));
        const engine = createReferenceEngine(network);
        engine.setParameters(initialParameters(network, 3));
        const { worstRelativeError, parameters } = checkGradients(engine, randomCheckBatch(network, 5), { perParameter: 8 });
        expect(parameters.map(({ name }) => name)).toEqual(parameterShapes(network).map(({ name }) => name));
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

  it('does not take the rounding of differences for a wrong gradient where the gradient vanishes', () => {
    const network = architecture(Array.from({ length: 20 }, () => layer('rnn', 2)));
    const engine = createReferenceEngine(network);
    engine.setParameters(initialParameters(network, 1));
    const batch = randomCheckBatch(network, 1);
    expect(Math.max(...(engine.trace(batch, { flow: 'without-flow' }).get('grad.param.layers.0.weight_ih_l0')!.data as Float64Array).map(Math.abs))).toBeLessThan(1e-7);
    expect(checkGradients(engine, batch, { perParameter: 8 }).worstRelativeError).toBeLessThan(1e-6);
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
