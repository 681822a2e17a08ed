import { describe, expect, it } from 'vitest';
import { initialParameters } from '../../../src/engine/initialise';
import { cellSequence, layerGroups, wavefrontLevels, type CellPlace, type ProcessingOrder } from '../../../src/engine/order';
import type { Direction } from '../../../src/spec/architecture';
import type { LayerSpec } from '../../../src/spec/schema';
import { engines } from '../../engines';
import { architecture, largestError, layer, numbersOf, randomBatch } from './support';

const orders: readonly ProcessingOrder[] = ['layer-major', 'time-major'];
const one: { directions: readonly Direction[] } = { directions: ['forward'] };
const two: { directions: readonly Direction[] } = { directions: ['forward', 'reverse'] };
const places = (sequence: readonly CellPlace[]) => sequence.map(({ layer: l, direction, t }) => `${l}${direction ? '<' : '>'}${t}`).join(' ');

describe('cellSequence', () => {
  it('finishes a layer before the next, layer-major', () => expect(places(cellSequence([one, one], 3, 'layer-major'))).toBe('0>0 0>1 0>2 1>0 1>1 1>2'));
  it('finishes a timestep before the next, time-major', () => expect(places(cellSequence([one, one], 3, 'time-major'))).toBe('0>0 1>0 0>1 1>1 0>2 1>2'));

  it('does a bidirectional layer whole, after all below and before all above', () => {
    expect(layerGroups([one, one, two, one, one], 'time-major')).toEqual([[0, 1], [2], [3, 4]]);
    expect(places(cellSequence([one, two, one], 2, 'time-major'))).toBe('0>0 0>1 1>0 1>1 1<1 1<0 2>0 2>1');
    expect(places(cellSequence([two], 3, 'layer-major'))).toBe('0>0 0>1 0>2 0<2 0<1 0<0');
  });
});

describe('wavefrontLevels', () => {
  it.each(orders)('is layer + t where all layers read forwards, %s', (order) => {
    const sequence = cellSequence([one, one, one], 4, order);
    expect(wavefrontLevels([one, one, one], sequence)).toEqual(sequence.map(({ layer: l, t }) => l + t));
  });

  it.each(orders)('lets both directions run at once, and the layer above begin when both have been at its timestep, %s', (order) => {
    const layers = [two, one];
    const sequence = cellSequence(layers, 3, order);
    const levels = new Map(wavefrontLevels(layers, sequence).map((level, i) => [places([sequence[i]!]), level]));
    expect(['0>0', '0>1', '0>2', '0<2', '0<1', '0<0'].map((cell) => levels.get(cell))).toEqual([0, 1, 2, 0, 1, 2]);
    expect(['1>0', '1>1', '1>2'].map((cell) => levels.get(cell))).toEqual([3, 4, 5]);
  });

  it('refuses a sequence in which a cell comes before one that it needs', () => {
    expect(() => wavefrontLevels([one], [{ layer: 0, direction: 0, t: 1 }, { layer: 0, direction: 0, t: 0 }])).toThrow('the cell of layer 0, direction 0, timestep 0 comes after one that needs it');
  });
});

const stacks: [string, LayerSpec[]][] = [
  ['forward layers', [layer('lstm', 6), layer('gru', 6, { connection: 'residual', dropout: 0.3 }), layer('rnn', 5, { connection: 'dense', dropout: 0.2 }), layer('gru', 11, { connection: 'highway', resetAfter: false })]],
  ['a bidirectional layer between others', [layer('gru', 5), layer('rnn', 10, { dropout: 0.3 }), layer('lstm', 5, { bidirectional: true, connection: 'residual' }), layer('lstm', 4), layer('gru', 4, { connection: 'highway' })]],
];

describe.each(engines)('processing order, $name engine', (engineKind) => {
  const tolerance = engineKind.name === 'reference' ? 0 : 1e-6;

  describe.each(stacks)('%s', (_, layers) => {
    it.each([['one-hot tokens', 0], ['embedded tokens', 4]] as const)('changes no answer, with %s and padding', async (_name, embedding) => {
      const network = architecture(layers, { embedding });
      const batch = randomBatch(network, 7, 3, 1, [7, 4, 6]);
      const [byLayer, byTime] = await Promise.all(
        orders.map(async (order) => {
          const engine = await engineKind.create(network, { order });
          engine.setParameters(initialParameters(network, 2));
          const trace = engine.trace(batch, { flow: 'with-flow' });
          const state = engine.createState(3);
          const losses = [1, 2, 3].map((seed) => engine.step(batch, { optimizer: { kind: 'sgd', learningRate: 0.3, momentum: 0.9 } }, { state, seed }).loss);
          const found = { trace, losses, parameters: engine.parameters(), state: state.save(), evaluated: engine.evaluate(batch).sum };
          engine.dispose();
          return found;
        }),
      );
      const [expected, actual] = [byLayer!, byTime!];
      const common = [...expected.trace.keys()].filter((name) => !name.startsWith('order.'));
      expect(largestError(actual.trace, expected.trace, common).error, largestError(actual.trace, expected.trace, common).name).toBeLessThanOrEqual(tolerance);
      expect(largestError(actual.parameters, expected.parameters).error).toBeLessThanOrEqual(tolerance);
      expect(largestError(actual.state, expected.state).error).toBeLessThanOrEqual(tolerance);
      actual.losses.forEach((loss, i) => expect(Math.abs(loss - expected.losses[i]!)).toBeLessThanOrEqual(tolerance));
      expect(Math.abs(actual.evaluated / expected.evaluated - 1)).toBeLessThanOrEqual(tolerance);
    });
  });

  it.each(orders)('stands in the trace, with the wavefront: %s', async (order) => {
    const network = architecture([layer('gru', 4), layer('gru', 4), layer('lstm', 2, { bidirectional: true })]);
    const engine = await engineKind.create(network, { order });
    engine.setParameters(initialParameters(network, 1));
    const trace = engine.trace(randomBatch(network, 3, 2, 1), { flow: 'without-flow' });
    const sequence = cellSequence(network.layers, 3, order);
    expect(trace.get(`order.${order}`)).toMatchObject({ dtype: 'I64', shape: [12, 3] });
    expect(numbersOf(trace.get(`order.${order}`)!)).toEqual(sequence.flatMap(({ layer: l, direction, t }) => [l, direction, t]));
    expect(trace.get('order.level')).toMatchObject({ dtype: 'I64', shape: [12] });
    expect(numbersOf(trace.get('order.level')!)).toEqual(wavefrontLevels(network.layers, sequence));
    expect([...trace.keys()].filter((name) => name.startsWith('order.'))).toEqual([`order.${order}`, 'order.level']);
    engine.dispose();
  });

  it('asks whether to go on in time-major order too', async () => {
    const network = architecture([layer('lstm', 6), layer('gru', 6)]);
    const engine = await engineKind.create(network, { order: 'time-major' });
    engine.setParameters(initialParameters(network, 1));
    const stop = () => {
      throw new Error('abandoned');
    };
    expect(() => engine.evaluate(randomBatch(network, 4, 2, 1), { alive: stop })).toThrow('abandoned');
    engine.dispose();
  });
});
