import { describe, expect, it } from 'vitest';
import { initialParameters } from '../../../src/engine/initialise';
import { createReferenceEngine } from '../../../src/engine/reference/referenceEngine';
import type { Tensor } from '../../../src/shared/tensor';
import type { Architecture } from '../../../src/spec/architecture';
import { engines, enginesAndVariants } from '../../engines';
import { randomPairs, translationModel } from './translation/support';
import { architecture, largestError, layer, numbersOf, randomBatch, started } from './support';

/** ‖row‖ of a [T,1,H] tensor at each timestep. */
const norms = ({ shape, data }: Tensor): number[] => Array.from({ length: shape[0]! }, (_, t) => Math.hypot(...Array.from(data.slice(t * shape[2]!, (t + 1) * shape[2]!), Number)));

describe.each(engines)('flow, $name engine', (engineKind) => {
  const digits = engineKind.name === 'reference' ? 12 : 6;
  const network = architecture([layer('lstm', 4, { bidirectional: true }), layer('gru', 5), layer('rnn', 5, { connection: 'highway' })]);

  it('is, row by row, the gradient that the loss of that position alone has', async () => {
    const engine = await started(engineKind, network);
    const batch = randomBatch(network, 6, 1, 1);
    const together = engine.trace(batch, { flow: 'with-flow' });
    for (let t = 0; t < 6; t++) {
      const alone = engine.trace({ ...batch, targets: batch.targets.map((target, i) => (i === t ? target : -1)) as Int32Array }, { flow: 'without-flow' });
      for (const place of ['layer0.forward', 'layer0.reverse', 'layer1.forward', 'layer2.forward']) {
        const row = Array.from(together.get(`${place}.flow`)!.data.slice(6 * t, 6 * (t + 1)), Number);
        norms(alone.get(`${place}.grad.h`)!).forEach((expected, k) => expect(row[k], `${place}, row ${t}, column ${k}`).toBeCloseTo(expected, digits));
      }
    }
    engine.dispose();
  });

  it('is the mean over the sequences that have a loss there', async () => {
    const engine = await started(engineKind, architecture([layer('gru', 4)]));
    const batch = randomBatch(engine.architecture, 4, 2, 1, [4, 2]);
    const flow = engine.trace(batch, { flow: 'with-flow' }).get('layer0.forward.flow')!.data;
    const alone = [4, 2].map((length, b) => {
      const pick = (data: ArrayLike<number>) => Int32Array.from({ length }, (_, t) => data[2 * t + b]!);
      return engine.trace({ steps: length, sequences: 1, inputs: pick(batch.inputs), targets: pick(batch.targets) }, { flow: 'with-flow' }).get('layer0.forward.flow')!.data;
    });
    expect(Number(flow[1 * 4 + 0])).toBeCloseTo((Number(alone[0]![1 * 4 + 0]) + Number(alone[1]![1 * 2 + 0])) / 2, digits);
    expect(Number(flow[3 * 4 + 0])).toBeCloseTo(Number(alone[0]![3 * 4 + 0]), digits);
    engine.dispose();
  });

  it('has one row when the loss is taken once, and is then the gradient itself', async () => {
    const engine = await started(engineKind, architecture([layer('gru', 4, { bidirectional: true })], { loss: 'class' }));
    const trace = engine.trace(randomBatch(engine.architecture, 6, 1, 1), { flow: 'with-flow' });
    for (const direction of ['forward', 'reverse']) {
      const { shape, data } = trace.get(`layer0.${direction}.flow`)!;
      expect(shape).toEqual([1, 6]);
      norms(trace.get(`layer0.${direction}.grad.h`)!).forEach((expected, k) => expect(Number(data[k])).toBeCloseTo(expected, digits));
    }
    engine.dispose();
  });

  it('never leads from a loss to a later state of the same direction', async () => {
    const engine = await started(engineKind, architecture([layer('lstm', 4)]));
    const flow = engine.trace(randomBatch(engine.architecture, 5, 2, 1), { flow: 'with-flow' }).get('layer0.forward.flow')!.data;
    for (let t = 0; t < 5; t++) for (let k = 0; k < 5; k++) expect(Number(flow[5 * t + k]) > 0).toBe(k <= t);
    engine.dispose();
  });

  it('can be left out', async () => {
    const engine = await started(engineKind, network);
    const names = [...engine.trace(randomBatch(network, 3, 2, 1), { flow: 'without-flow' }).keys()];
    expect(names.filter((name) => name.endsWith('.flow'))).toEqual([]);
    expect(names).toContain('layer0.reverse.grad.h.partial');
    engine.dispose();
  });

  it.each([
    ['of a stack', network],
    ['of a translation model', translationModel({ encoder: [layer('lstm', 3)], decoder: [layer('lstm', 3)], attention: 'dot' })],
  ])('comes with all else that the trace holds where parameters get no gradients: %s', async (_, traced) => {
    const engine = await started(engineKind, traced);
    const batch = traced.encoder ? randomPairs(traced, [[4, 3], [2, 5]], 1) : randomBatch(traced, 5, 2, 1, [5, 3]);
    const whole = engine.trace(batch, { flow: 'with-flow' });
    const without = engine.trace(batch, { flow: 'with-flow', parameters: 'without-gradients' });
    const kept = [...whole].filter(([name]) => !name.startsWith('grad.param.'));
    expect(kept.length).toBeLessThan(whole.size);
    expect([...without.keys()].sort()).toEqual(kept.map(([name]) => name).sort());
    for (const [name, { shape, data }] of kept) expect([name, without.get(name)!.shape, numbersOf(without.get(name)!)]).toEqual([name, shape, Array.from<number | bigint, number>(data, Number)]);
    engine.dispose();
  });

  it('shows gradients far below the smallest f32, and does not round them away', async () => {
    const small = architecture([layer('rnn', 16)], { features: 4, outputs: 3, loss: 'class' });
    const parameters = initialParameters(small, 3);
    const weights = parameters.get('layers.0.weight_hh_l0')!.data as Float64Array;
    weights.forEach((w, i) => (weights[i] = Math.fround(0.6 * w)));
    const batch = randomBatch(small, 200, 2, 1);
    const reference = createReferenceEngine(small);
    const engine = await engineKind.create(small);
    for (const each of [reference, engine]) each.setParameters(parameters);
    const [expected, actual] = [reference, engine].map((each) => each.trace(batch, { flow: 'with-flow' }));
    const flow = numbersOf(expected!.get('layer0.forward.flow')!);
    expect(Math.log10(flow[0]!)).toBeLessThan(-45);
    numbersOf(actual!.get('layer0.forward.flow')!).forEach((value, k) => expect(Math.log10(value), `flow at lag ${199 - k}`).toBeCloseTo(Math.log10(flow[k]!), 3));
    // The derivatives themselves as well, those of both sequences at each timestep.
    const gradients = [expected!, actual!].map((trace) => numbersOf(trace.get('layer0.forward.grad.h')!));
    for (let k = 0; k < 200; k++) {
      const [wanted, got] = gradients.map((all) => Math.log10(Math.hypot(...all.slice(32 * k, 32 * (k + 1)))));
      expect(got, `gradient at lag ${199 - k}`).toBeCloseTo(wanted!, 3);
    }
    engine.dispose();
  });
});

/** Long enough for losses to go back together through Jacobians that they share, and sequences of which some are too short for it. */
const lengths = [20, 11, 5];
const networks: readonly [string, Architecture][] = [
  ['tanh RNN', architecture([layer('rnn', 13), layer('rnn', 7)])],
  ['ReLU RNN', architecture([layer('rnn', 9, { activation: 'relu' }), layer('rnn', 12)], { embedding: 3 })],
  ['LSTM', architecture([layer('lstm', 10), layer('lstm', 17)], { features: 4, outputs: 3 })],
  ['GRU', architecture([layer('gru', 10), layer('gru', 17)])],
  ['GRU that resets before the product', architecture([layer('gru', 9, { resetAfter: false }), layer('gru', 8, { resetAfter: false })])],
  ['layers of both directions', architecture([layer('lstm', 6, { bidirectional: true }), layer('gru', 5, { bidirectional: true }), layer('lstm', 4)], { features: 3, outputs: 2 })],
  ['connections', architecture([layer('lstm', 12, { connection: 'dense' }), layer('gru', 18, { connection: 'residual' }), layer('rnn', 18, { connection: 'highway' })], { embedding: 6 })],
];

describe.each(enginesAndVariants.filter(({ name }) => name === 'wasm'))('flow, $variant', (engineKind) => {
  it.each(networks)('is that of the plain engine, also where losses share the way back: %s', async (_, network) => {
    const batch = randomBatch(network, 20, 3, 4, lengths);
    // Some positions have no loss, which leaves their rows empty.
    for (let i = 0; i < batch.targets.length; i++) if (i % 7 === 3) batch.targets[i] = network.loss === 'values' ? NaN : -1;
    const [engine, reference] = [await started(engineKind, network), createReferenceEngine(network)];
    reference.setParameters(initialParameters(network, 1));
    const [actual, expected] = [engine, reference].map((each) => each.trace(batch, { flow: 'with-flow' }));
    const names = [...expected!.keys()].filter((name) => name.endsWith('.flow'));
    expect(names.length).toBeGreaterThan(0);
    expect(largestError(actual!, expected!, names).error).toBeLessThan(3e-6);
    engine.dispose();
  });
});
