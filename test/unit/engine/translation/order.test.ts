import { describe, expect, it } from 'vitest';
import { initialParameters } from '../../../../src/engine/initialise';
import { engines } from '../../../engines';
import { largestError, layer, numbersOf } from '../support';
import { randomPairs, translationModel, type ModelParts } from './support';

const orders = ['layer-major', 'time-major'] as const;
const dropout = { dropout: 0.3 };
const models: [string, ModelParts][] = [
  ['forward layers, attention', { encoder: [layer('gru', 6), layer('lstm', 6, { connection: 'residual', ...dropout })], decoder: [layer('lstm', 6, dropout), layer('gru', 6, { connection: 'highway' })], attention: 'dot' }],
  ['a bidirectional layer in the encoder', { encoder: [layer('gru', 6), layer('rnn', 6), layer('lstm', 3, { bidirectional: true, ...dropout })], decoder: [layer('gru', 5), layer('lstm', 6)] }],
];

describe.each(engines)('processing order of a translation model, $name engine', (implementation) => {
  const tolerance = implementation.name === 'reference' ? 0 : 1e-6;

  it.each(models)('changes no answer: %s', async (_, parts) => {
    const network = translationModel(parts);
    const batch = randomPairs(network, [[5, 3], [2, 6], [4, 4]], 1);
    const [expected, actual] = await Promise.all(
      orders.map(async (order) => {
        const engine = await implementation.create(network, { order });
        engine.setParameters(initialParameters(network, 2));
        const trace = engine.trace(batch, { flow: 'with-flow' });
        const losses = [1, 2, 3].map((seed) => engine.step(batch, { optimizer: { kind: 'sgd', learningRate: 0.3, momentum: 0.9 } }, { seed }).loss);
        const state = engine.encode(batch.source!, batch.sequences);
        const found = { trace, losses, parameters: engine.parameters(), state: state.save(), evaluated: engine.evaluate(batch).sum };
        engine.dispose();
        return found;
      }),
    );
    const common = [...expected!.trace.keys()].filter((name) => !name.includes('order.'));
    const { name, error } = largestError(actual!.trace, expected!.trace, common);
    expect(error, name).toBeLessThanOrEqual(tolerance);
    expect(largestError(actual!.parameters, expected!.parameters).error).toBeLessThanOrEqual(tolerance);
    expect(largestError(actual!.state, expected!.state).error).toBeLessThanOrEqual(tolerance);
    actual!.losses.forEach((loss, i) => expect(Math.abs(loss - expected!.losses[i]!)).toBeLessThanOrEqual(tolerance));
    expect(Math.abs(actual!.evaluated / expected!.evaluated - 1)).toBeLessThanOrEqual(tolerance);
  });

  it.each(orders)('stands in the trace for each stack, the decoder behind what is handed over to it: %s', async (order) => {
    const network = translationModel({ encoder: [layer('gru', 4), layer('gru', 6)], decoder: [layer('gru', 4), layer('gru', 5)], attention: 'none' });
    const engine = await implementation.create(network, { order });
    engine.setParameters(initialParameters(network, 1));
    const trace = engine.trace(randomPairs(network, [[3, 2], [1, 2]], 1), { flow: 'without-flow' });
    const named = (stack: string) => {
      const cells = numbersOf(trace.get(`${stack}.order.${order}`)!);
      return numbersOf(trace.get(`${stack}.order.level`)!).map((level, i) => `${cells[3 * i]}.${cells[3 * i + 2]}:${level}`).join(' ');
    };
    expect([...trace.keys()].filter((name) => name.includes('order.'))).toEqual([`encoder.order.${order}`, 'encoder.order.level', `decoder.order.${order}`, 'decoder.order.level']);
    // Layer 0 of the decoder starts from layer 0 of the encoder, layer 1 from zeros: the sizes differ.
    if (order === 'layer-major') expect([named('encoder'), named('decoder')]).toEqual(['0.0:0 0.1:1 0.2:2 1.0:1 1.1:2 1.2:3', '0.0:3 0.1:4 1.0:4 1.1:5']);
    else expect([named('encoder'), named('decoder')]).toEqual(['0.0:0 1.0:1 0.1:1 1.1:2 0.2:2 1.2:3', '0.0:3 1.0:4 0.1:4 1.1:5']);
    engine.dispose();
  });
});
