import { describe, expect, it } from 'vitest';
import { initialCarry, longestLag } from '../../../src/diagnosis/initial/initialCarry';
import { linearise } from '../../../src/diagnosis/initial/linearised';
import { initialNetworks } from '../../../src/diagnosis/initial/network';
import { unitVectors } from '../../../src/engine/carry';
import { initialParameters } from '../../../src/engine/initialise';
import { createReferenceEngine } from '../../../src/engine/reference/referenceEngine';
import { createWasmEngine } from '../../../src/engine/wasm/wasmEngine';
import { specSchema, type LayerSpec } from '../../../src/spec/schema';
import { architecture, layer, randomBatch } from '../engine/support';

const cells: readonly [string, LayerSpec][] = [
  ['rnn', layer('rnn', 5)],
  ['relu rnn', layer('rnn', 6, { activation: 'relu' })],
  ['lstm', layer('lstm', 5)],
  ['gru', layer('gru', 5)],
  ['gru that resets before the product', layer('gru', 5, { resetAfter: false })],
];

describe('a linearised cell', () => {
  it.each(cells)('has the Jacobians of the reference engine: %s', (_, spec) => {
    const network = architecture([spec], { features: 3 });
    const parameters = initialParameters(network, 7);
    const engine = createReferenceEngine(network);
    engine.setParameters(parameters);
    const batch = randomBatch(network, 12, 1, 1);
    const [{ norms, state }] = engine.carry(batch, { ends: [11], probes: 1, seed: 4 }) as [ReturnType<typeof engine.carry>[number]];
    const named = (name: string) => parameters.get(`layers.0.${name}_l0`)!.data as Float64Array;
    const run = linearise({ ...spec, inputs: 3, weightIh: named('weight_ih'), weightHh: named('weight_hh'), biasIh: named('bias_ih'), biasHh: named('bias_hh') }, batch.inputs as Float64Array);
    expect(run.state).toBe(state);
    const v = unitVectors(4, 0, 1, spec.units);
    const zeros = new Float64Array(spec.units);
    const adjoint = state === 'c' ? { h: zeros, c: v } : { h: v, c: zeros };
    for (let lag = 0; lag < 12; lag++) expect(run.back(11 - lag, adjoint) / norms[lag]!).toBeCloseTo(1, 9);
  });
});

/** Units above 64 are stood in for by a smaller network; below, it is the network of the seed itself. */
const settings: readonly [string, LayerSpec['cell'], Partial<LayerSpec>][] = [
  ['vanilla', 'rnn', {}],
  ['orthogonal vanilla', 'rnn', { init: 'orthogonal' }],
  ['identity ReLU', 'rnn', { init: 'identity', activation: 'relu' }],
  ['LSTM, forget bias 0', 'lstm', { forgetBias: 0 }],
  ['LSTM, forget bias 1', 'lstm', {}],
  ['LSTM, forget bias 3', 'lstm', { forgetBias: 3 }],
  ['orthogonal LSTM', 'lstm', { init: 'orthogonal' }],
  ['GRU', 'gru', {}],
  ['GRU, update bias 3', 'gru', { gateBias: { update: 3 } }],
];

describe('the carry at initialisation', () => {
  const cases = settings.flatMap(([name, cell, more]) => [[24, 1, 2], [64, 2, 8], [160, 1, 2], [160, 3, 24]].map(([units, depth, features]) => [`${name}, ${depth} × ${units} on ${features} values`, cell, more, units!, depth!, features!] as const));

  it.each(cases)('agrees with what engines measure on weights of three seeds: %s', (_, cell, more, units, depth, features) => {
    const spec = layer(cell, units, { ...more, repeat: depth });
    const found = initialCarry({ input: { kind: 'values', features }, layers: [spec], seed: 1 });
    const network = architecture([spec], { features });
    const sequences = 4;
    const batch = randomBatch(network, longestLag + 1, sequences, 5);
    const measured = [1, 2, 3].map((seed) => {
      const engine = createWasmEngine(network);
      engine.setParameters(initialParameters(network, seed));
      const carry = engine.carry(batch, { ends: [longestLag], probes: 1, seed: 1 });
      engine.dispose();
      return carry.map(({ norms }) => (lag: number) => Math.log10(Math.hypot(...norms.subarray(lag * sequences, (lag + 1) * sequences)) / Math.sqrt(sequences)));
    });
    for (const place of [0, depth - 1]) {
      for (const lag of [1, 10, 50, 100, 200]) {
        const seeds = measured.map((layers) => layers[place]!(lag));
        const decades = Math.log10(found[place]!.rms[lag]!);
        // Within what seeds differ by, and a decade and 10 % of those that are lost beside.
        const tolerance = 1 + 0.1 * Math.abs(seeds.reduce((sum, seed) => sum + seed, 0) / 3);
        const where = `layer ${place}, lag ${lag}, seeds ${seeds.map((seed) => seed.toFixed(2)).join()}`;
        expect(decades, where).toBeGreaterThan(Math.min(...seeds) - tolerance);
        expect(decades, where).toBeLessThan(Math.max(...seeds) + tolerance);
      }
    }
  });

  const reachOf = (spec: LayerSpec, scale = 1): number => initialCarry({ input: { kind: 'values', features: 8 }, layers: [spec], seed: 1 }, { recurrentScale: scale })[0]!.reach;

  it('grows with the forget bias and with the recurrent scale', () => {
    const biases = [0, 1, 2, 3].map((forgetBias) => reachOf(layer('lstm', 48, { forgetBias })));
    expect(biases).toEqual([...biases].sort((a, b) => a - b));
    expect(biases[3]).toBeGreaterThan(4 * biases[0]!);
    const scales = [0.5, 1, 1.5].map((scale) => reachOf(layer('rnn', 48, { init: 'orthogonal' }), scale));
    expect(scales[0]).toBeLessThan(scales[1]! / 3);
  });

  it('is 0.9ⁿ for ReLU with the identity as recurrent matrix, scaled by 0.9, where every unit is open', () => {
    const [{ rms }] = initialCarry({ input: { kind: 'tokens', vocabulary: 8, embedding: 0 }, layers: [layer('rnn', 32, { activation: 'relu', init: 'identity', connection: 'none' })], seed: 1 }, { recurrentScale: 0.9 }) as [ReturnType<typeof initialCarry>[number]];
    // Units that are closed at a step lose what they carried: the rest is at most 0.9ⁿ.
    for (const lag of [1, 20, 100]) expect(rms[lag]! / 0.9 ** lag).toBeLessThanOrEqual(1 + 1e-9);
    expect(rms[20]! / 0.9 ** 20).toBeGreaterThan(0.2);
  });

  it('follows one layer alone to the same curve', () => {
    const network = { input: { kind: 'values', features: 2 } as const, layers: [layer('gru', 12, { bidirectional: true }), layer('lstm', 24, { connection: 'residual' }), layer('rnn', 24, { connection: 'highway' }), layer('gru', 24, { connection: 'dense' })], seed: 3 };
    const all = initialCarry(network);
    expect(all.map(({ layer: place, state }) => [place, state])).toEqual([[0, 'h'], [1, 'c'], [2, 'h'], [3, 'h']]);
    expect(initialCarry(network, { layer: 3 })).toEqual([all[3]]);
    for (const { rms } of all) expect(rms.every((value) => value > 0 && Number.isFinite(value))).toBe(true);
  });

  it('says which connection does not fit', () => {
    expect(() => initialCarry({ input: { kind: 'values', features: 2 }, layers: [layer('gru', 5, { connection: 'residual' })], seed: 1 })).toThrow('layer 0: a residual connection');
  });
});

describe('the networks that a spec begins with', () => {
  const networksOf = (task: object, model: object) => initialNetworks(specSchema.parse({ version: 1, name: 'n', task, model, training: { seed: 9 } }));
  const layers = [{ cell: 'gru', units: 4 }];

  it.each([
    ['values of the adding problem', { kind: 'synthetic', problem: 'adding', length: 10 }, { layers }, { kind: 'values', features: 2 }],
    ['columns of a forecast', { kind: 'forecast', data: 'a.csv', inputs: ['a', 'b', 'c'], targets: ['a'] }, { layers }, { kind: 'values', features: 3 }],
    ['one-hot tokens of a text', { kind: 'language-model', data: 'a.txt', tokens: 'char' }, { layers }, { kind: 'tokens', vocabulary: 32, embedding: 0 }],
    ['embedded tokens', { kind: 'language-model', data: 'a.txt', tokens: 'char' }, { embedding: 16, layers }, { kind: 'tokens', vocabulary: 32, embedding: 16 }],
  ])('read %s', (_, task, model, input) => {
    expect(networksOf(task, model)).toMatchObject([{ path: ['model', 'layers'], network: { input, seed: 9 } }]);
  });

  it('are two for a translation', () => {
    const found = networksOf({ kind: 'translation', data: 'a.csv', source: 'a', target: 'b', tokens: 'char' }, { encoder: { layers }, decoder: { layers } });
    expect(found.map(({ path }) => path.join('.'))).toEqual(['model.encoder.layers', 'model.decoder.layers']);
  });
});
