import { describe, expect, it } from 'vitest';
import { initialParameters } from '../../../src/engine/initialise';
import { parameterShapes } from '../../../src/spec/architecture';
import { architecture, layer } from './support';

const values = (network: ReturnType<typeof architecture>, name: string, seed = 1) => initialParameters(network, seed).get(name)!.data as Float64Array;
const largest = (data: Float64Array) => data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
const mean = (data: Float64Array) => data.reduce((sum, x) => sum + x, 0) / data.length;

describe('initialParameters', () => {
  it('draws every parameter of the network in file order, the same for the same seed', () => {
    const network = architecture([layer('lstm', 5, { bidirectional: true }), layer('gru', 10, { connection: 'highway' })], { vocabulary: 7, embedding: 3 });
    const parameters = initialParameters(network, 9);
    expect([...parameters].map(([name, { shape }]) => ({ name, shape }))).toEqual(parameterShapes(network));
    expect(initialParameters(network, 9)).toEqual(parameters);
    expect(initialParameters(network, 10)).not.toEqual(parameters);
  });

  it("spreads uniform weights and biases over ±1/√units, as PyTorch's recurrent layers", () => {
    const network = architecture([layer('gru', 64)], { features: 16 });
    for (const name of ['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0']) {
      const data = values(network, `layers.0.${name}`);
      expect(largest(data)).toBeLessThan(1 / 8);
      expect(largest(data)).toBeGreaterThan(0.95 / 8);
    }
  });

  it('adds the forget bias once, to the forget gate only', () => {
    const bias = (forgetBias: number, name: string) => values(architecture([layer('lstm', 8, { forgetBias })], { features: 2 }), `layers.0.${name}`);
    const added = bias(3, 'bias_ih_l0').map((x, i) => x - bias(0, 'bias_ih_l0')[i]!);
    expect([...added].map((x) => Math.round(x * 1e9) / 1e9)).toEqual([...new Array(8).fill(0), ...new Array(8).fill(3), ...new Array(16).fill(0)]);
    expect(bias(3, 'bias_hh_l0')).toEqual(bias(0, 'bias_hh_l0'));
  });

  it.each([
    ['gru', { reset: 2, update: -3 }, [2, -3, 0]],
    ['lstm', { input: -1, output: 4 }, [-1, 0, 0, 4]],
  ] as const)('adds the gate biases of a %s to their gates, by name', (cell, gateBias, expected) => {
    const bias = (more: object) => values(architecture([layer(cell, 2, more)], { features: 2 }), 'layers.0.bias_ih_l0');
    const plain = bias({});
    expect([...bias({ gateBias })].map((x, i) => Math.round((x - plain[i]!) * 1e9) / 1e9)).toEqual(expected.flatMap((x) => [x, x]));
  });

  it.each([1, 2, 7, 32])('makes each gate of %i units an orthogonal recurrent matrix', (units) => {
    const hidden = values(architecture([layer('lstm', units, { init: 'orthogonal' })], { features: 3 }), 'layers.0.weight_hh_l0');
    for (let gate = 0; gate < 4; gate++) {
      for (let a = 0; a < units; a++) {
        for (let b = 0; b < units; b++) {
          let product = 0;
          for (let j = 0; j < units; j++) product += hidden[(gate * units + a) * units + j]! * hidden[(gate * units + b) * units + j]!;
          expect(product).toBeCloseTo(a === b ? 1 : 0, 10);
        }
      }
    }
  });

  it('makes each gate an identity recurrent matrix, with biases 0', () => {
    const network = architecture([layer('gru', 3, { init: 'identity' })], { features: 3 });
    const eye = [1, 0, 0, 0, 1, 0, 0, 0, 1];
    expect([...values(network, 'layers.0.weight_hh_l0')]).toEqual([...eye, ...eye, ...eye]);
    expect(largest(values(network, 'layers.0.bias_ih_l0'))).toBe(0);
    expect(largest(values(network, 'layers.0.weight_ih_l0'))).toBeGreaterThan(0);
  });

  it("bounds xavier matrices by each gate's own fan-in and fan-out", () => {
    const network = architecture([layer('lstm', 30, { init: 'xavier' })], { features: 120 });
    expect(largest(values(network, 'layers.0.weight_ih_l0'))).toBeCloseTo(Math.sqrt(6 / 150), 3);
    expect(largest(values(network, 'layers.0.weight_hh_l0'))).toBeCloseTo(Math.sqrt(6 / 60), 2);
    expect(largest(values(network, 'layers.0.bias_hh_l0'))).toBe(0);
  });

  it('lets highway layers carry at first, and draws embedding and output as PyTorch', () => {
    const network = architecture([layer('rnn', 100), layer('rnn', 100, { connection: 'highway' })], { vocabulary: 50, embedding: 100 });
    expect(mean(values(network, 'connections.1.bias'))).toBeCloseTo(-1, 1);
    expect(largest(values(network, 'connections.1.weight'))).toBeCloseTo(0.1, 3);
    expect(largest(values(network, 'output.weight'))).toBeCloseTo(0.1, 3);
    expect(largest(values(network, 'output.bias'))).toBeLessThan(0.1);
    const embedding = values(network, 'embedding.weight');
    expect(mean(embedding.map((x) => x * x))).toBeCloseTo(1, 1);
  });
});
