import { describe, expect, it } from 'vitest';
import { unitVectors } from '../../../src/engine/carry';
import type { Batch, Engine } from '../../../src/engine/engine';
import { initialParameters } from '../../../src/engine/initialise';
import { createReferenceEngine } from '../../../src/engine/reference/referenceEngine';
import type { LayerSpec } from '../../../src/spec/schema';
import { engines } from '../../engines';
import { architecture, layer, randomBatch, started } from './support';

const cells: readonly [string, LayerSpec][] = [
  ['rnn', layer('rnn', 4)],
  ['relu rnn', layer('rnn', 4, { activation: 'relu' })],
  ['lstm', layer('lstm', 4)],
  ['gru', layer('gru', 4)],
  ['gru that resets before the product', layer('gru', 4, { resetAfter: false })],
];

/** The state of layer 0 as it is after so many steps of a batch with one sequence. */
function stateAfter(engine: Engine, batch: Batch, count: number, from = 0, begin = engine.createState(1)): ReturnType<Engine['createState']> {
  for (let t = from; t < count; t++) engine.predict(batch.inputs.slice(t, t + 1), begin);
  return begin;
}

/** ‖Jᵀv‖ with J = ∂sₜ/∂sₜ₋ₙ by central differences. An LSTM's hₜ₋ₙ = o ⊙ tanh(cₜ₋ₙ) moves with its cₜ₋ₙ. */
function differences(engine: Engine, batch: Batch, end: number, lag: number, v: Float64Array): number {
  const part = engine.architecture.layers[0]!.cell === 'lstm' ? 'c' : 'h';
  const start = stateAfter(engine, batch, end - lag + 1).save();
  const moved = (unit: number, by: number): number => {
    const state = engine.createState(1);
    const tensors = new Map([...start].map(([name, tensor]) => [name, { ...tensor, data: Float64Array.from(tensor.data, Number) }]));
    const [s, h] = [tensors.get(`layer0.forward.${part}`)!.data, tensors.get('layer0.forward.h')!.data];
    if (part === 'c') h[unit] = (h[unit]! / Math.tanh(s[unit]!)) * Math.tanh(s[unit]! + by);
    s[unit] = s[unit]! + by;
    state.restore(tensors);
    const final = stateAfter(engine, batch, end + 1, end - lag + 1, state).save().get(`layer0.forward.${part}`)!.data;
    return v.reduce((sum, value, u) => sum + value * Number(final[u]), 0);
  };
  return Math.hypot(...Array.from(v, (_, unit) => (moved(unit, 1e-5) - moved(unit, -1e-5)) / 2e-5));
}

describe('carry', () => {
  it.each(cells)('of the reference engine is the transposed Jacobian by finite differences: %s', (_, spec) => {
    const network = architecture([spec]);
    const engine = createReferenceEngine(network);
    engine.setParameters(initialParameters(network, 3));
    const batch = randomBatch(network, 7, 1, 1);
    const [{ norms, state }] = engine.carry(batch, { ends: [4, 6], probes: 2, seed: 5 }) as [ReturnType<Engine['carry']>[number]];
    expect(state).toBe(spec.cell === 'lstm' ? 'c' : 'h');
    [4, 6].forEach((end, e) => {
      for (const probe of [0, 1]) {
        const copy = 2 * e + probe;
        const v = unitVectors(5, copy, 1, 4);
        for (let lag = 0; lag <= end; lag++) expect(norms[copy * 7 + lag]).toBeCloseTo(differences(engine, batch, end, lag, v), 8);
        for (let lag = end + 1; lag < 7; lag++) expect(norms[copy * 7 + lag]).toBeNaN();
      }
    });
  });

  it.each(engines)('of a linear network with W = 0.9·I is 0.9ⁿ, $name engine', async (kind) => {
    const network = architecture([layer('rnn', 16, { activation: 'relu' })]);
    const parameters = initialParameters(network, 1);
    const weights = parameters.get('layers.0.weight_hh_l0')!.data as Float64Array;
    weights.forEach((_, i) => (weights[i] = i % 17 === 0 ? 0.9 : 0));
    // Every unit stays above 0, where ReLU is linear.
    (parameters.get('layers.0.bias_ih_l0')!.data as Float64Array).fill(2);
    const engine = await kind.create(network);
    engine.setParameters(parameters);
    const [{ norms }] = engine.carry(randomBatch(network, 60, 3, 1), { ends: [59], probes: 2, seed: 1 }) as [ReturnType<Engine['carry']>[number]];
    for (let copy = 0; copy < 2; copy++) for (let lag = 0; lag < 60; lag++) for (let b = 0; b < 3; b++) expect(norms[(copy * 60 + lag) * 3 + b]! / 0.9 ** lag).toBeCloseTo(1, 4);
    engine.dispose();
  });

  it.each(cells)('is the same in both engines, in every layer and direction, also where sequences end early: %s', async (_, spec) => {
    const network = architecture([{ ...spec, bidirectional: true }, spec]);
    const batch = randomBatch(network, 9, 3, 1, [9, 6, 3]);
    const request = { ends: [2, 5, 8], probes: 2, seed: 1 };
    const [expected, actual] = await Promise.all(engines.map(async (kind) => {
      const engine = await started(kind, network);
      const found = engine.carry(batch, request);
      engine.dispose();
      return found;
    }));
    expect(actual!.map(({ layer: l, direction, state }) => [l, direction, state])).toEqual(expected!.map(({ layer: l, direction, state }) => [l, direction, state]));
    expect(expected!.map(({ direction }) => direction)).toEqual(['forward', 'reverse', 'forward']);
    expected!.forEach(({ norms }, place) => {
      expect(norms.some((norm) => !Number.isNaN(norm))).toBe(true);
      norms.forEach((norm, i) => (Number.isNaN(norm) ? expect(actual![place]!.norms[i]).toBeNaN() : expect(actual![place]!.norms[i]! / norm).toBeCloseTo(1, 4)));
    });
  });

  it.each(engines)('does not end where f32 does, $name engine', async (kind) => {
    const network = architecture([layer('rnn', 8)]);
    const parameters = initialParameters(network, 1);
    const weights = parameters.get('layers.0.weight_hh_l0')!.data as Float64Array;
    weights.forEach((w, i) => (weights[i] = 0.2 * w));
    const engine = await kind.create(network);
    engine.setParameters(parameters);
    const [{ norms }] = engine.carry(randomBatch(network, 120, 1, 1), { ends: [119], probes: 1, seed: 1 }) as [ReturnType<Engine['carry']>[number]];
    expect(norms[119]).toBeGreaterThan(0);
    expect(Math.log10(norms[119]!)).toBeLessThan(-60);
    engine.dispose();
  });

  it.each(engines)('refuses an end outside the batch, $name engine', async (kind) => {
    const engine = await started(kind, architecture([layer('rnn', 4)]));
    expect(() => engine.carry(randomBatch(engine.architecture, 5, 1, 1), { ends: [5], probes: 1, seed: 1 })).toThrow('timesteps 0 to 4');
    engine.dispose();
  });
});
