import { describe, expect, it } from 'vitest';
import { measureDemand } from '../../../src/diagnosis/demand';
import type { Answers } from '../../../src/diagnosis/answers';
import { zOf } from '../../../src/diagnosis/estimate';
import type { HeldOut, HeldOutSequence } from '../../../src/diagnosis/heldOut';
import { lagEdges } from '../../../src/diagnosis/lags';
import { cholesky, solveBackward, solveForward } from '../../../src/diagnosis/probes/cholesky';
import { thresholds } from '../../../src/diagnosis/thresholds';
import { Random } from '../../../src/shared/random';

describe('cholesky', () => {
  const size = 6;
  const random = Random.fromSeed(1);
  const root = Float64Array.from({ length: size * size }, () => random.normal());
  const matrix = Float64Array.from({ length: size * size }, (_, i) => {
    const [a, b] = [Math.floor(i / size), i % size];
    return Array.from({ length: size }, (_, k) => root[a * size + k]! * root[b * size + k]!).reduce((sum, value) => sum + value, a === b ? 0.1 : 0);
  });

  it.each([2, 4, 6])('solves the leading block of %i columns with the factor of the whole', (leading) => {
    const right = Float64Array.from({ length: size * 2 }, () => random.normal());
    const factor = cholesky(matrix, size);
    const solution = solveBackward(factor, solveForward(factor, right, 2), 2, leading);
    for (let row = 0; row < leading; row++) {
      for (let column = 0; column < 2; column++) {
        const product = Array.from({ length: leading }, (_, k) => matrix[row * size + k]! * solution[k * 2 + column]!).reduce((sum, value) => sum + value, 0);
        expect(product).toBeCloseTo(right[row * 2 + column]!, 8);
      }
    }
  });

  it('refuses a matrix that is not positive definite', () => {
    expect(() => cholesky(Float64Array.of(1, 2, 2, 1), 2)).toThrow('not positive definite');
  });
});

const steps = 40;

/** 600 sequences of bits whose last answer a rule reads off them. */
function bits(rule: (bits: Int32Array, random: Random) => number, seed = 1): HeldOut {
  const random = Random.fromSeed(seed);
  const sequences = Array.from({ length: 600 }, (): HeldOutSequence => {
    const inputs = Int32Array.from({ length: steps }, () => random.below(2));
    const targets = new Int32Array(steps).fill(-1);
    targets[steps - 1] = rule(inputs, random);
    return { steps, inputs, targets };
  });
  return { sequences, features: 1, outputs: 2, loss: 'class', longest: steps, warmUp: 0, answers: 'end', notes: [] };
}

/** What a model answers that gives the second class this probability. */
function answersOf({ sequences }: HeldOut, model: (bits: Int32Array) => number): Answers {
  const given = sequences.flatMap(({ inputs }) => [1 - model(inputs as Int32Array), model(inputs as Int32Array)]);
  return {
    sequence: Int32Array.from(sequences.keys()),
    timestep: new Int32Array(sequences.length).fill(steps - 1),
    width: 2,
    right: Float64Array.from(sequences.flatMap(({ targets }) => (targets[steps - 1] === 1 ? [0, 1] : [1, 0]))),
    given: Float64Array.from(given),
    finite: true,
  };
}

const at = (bits: Int32Array, lag: number): number => bits[steps - 1 - lag]!;
const edges = lagEdges(steps - 1);
const untrained = (): number => 0.5;
const measure = (heldOut: HeldOut, model: (bits: Int32Array) => number = untrained) => measureDemand(heldOut, answersOf(heldOut, model), edges, () => undefined);
const beyond = (lag: number): number => edges.indexOf(lag);

describe('demand', () => {
  it('of a copied bit reaches to its lag and not beyond', () => {
    const { data } = measure(bits((own) => at(own, 25)));
    for (const edge of [4, 11, 22]) expect(data.gains[beyond(edge)]!.mean).toBeGreaterThan(0.9);
    for (const edge of [27, 32]) expect(Math.abs(data.gains[beyond(edge)]!.mean)).toBeLessThan(0.01);
  });

  it('of a lagged XOR is seen by pairs, which sums cannot see', () => {
    const { data } = measure(bits((own) => at(own, 0) ^ at(own, 17)));
    expect(data.gains[beyond(16)]!.mean).toBeGreaterThan(0.9);
    expect(data.probes[beyond(16)]).toBe('pairs');
    expect(data.gains[beyond(19)]!.mean).toBeLessThan(0.01);
  });

  it('of a rule on two letters of eight is seen by pairs of lags, though no product of two letters stands out', () => {
    const random = Random.fromSeed(3);
    const sequences = Array.from({ length: 900 }, (): HeldOutSequence => {
      const inputs = Int32Array.from({ length: 12 }, () => random.below(8));
      const targets = new Int32Array(12).fill(-1);
      targets[11] = Number(inputs[11]! < 4) ^ Number(inputs[0]! < 4);
      return { steps: 12, inputs, targets };
    });
    const heldOut: HeldOut = { sequences, features: 1, outputs: 2, loss: 'class', longest: 12, warmUp: 0, answers: 'end', notes: [] };
    const lags = lagEdges(11);
    const { data } = measureDemand(heldOut, { ...answersOf(heldOut, untrained), timestep: new Int32Array(900).fill(11), right: Float64Array.from(sequences.flatMap(({ targets }) => (targets[11] === 1 ? [0, 1] : [1, 0]))) }, lags, () => undefined);
    expect(data.gains[lags.indexOf(8)]!.mean).toBeGreaterThan(0.2);
    expect(data.probes[lags.indexOf(8)]).toBe('pairs');
  });

  it('of a bit spread over many lags is seen by sums', () => {
    const { data } = measure(bits((own) => Number(own.slice(0, 20).reduce((sum, bit) => sum + bit, 0) > 10)));
    expect(data.gains[beyond(19)]!.mean).toBeGreaterThan(0.3);
    expect(zOf(data.gains[beyond(19)]!)).toBeGreaterThan(thresholds.demandZ);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('is not found in noise, nor beyond a short dependency (data %i)', (seed) => {
    for (const rule of [(_: Int32Array, random: Random) => random.below(2), (own: Int32Array, random: Random) => (random.uniform() < 0.7 ? at(own, 2) : random.below(2))]) {
      const { data } = measure(bits(rule, seed));
      for (const [place, edge] of edges.entries()) if (edge >= 4) expect(zOf(data.gains[place]!) >= thresholds.demandZ && data.gains[place]!.mean >= thresholds.demandGain, `edge ${edge}`).toBe(false);
    }
  });

  it('is missing from a model that does not answer by it, and not from one that does', () => {
    const heldOut = bits((own, random) => (random.uniform() < 0.9 ? at(own, 25) : random.below(2)));
    const [blind, seeing] = [measure(heldOut), measure(heldOut, (own) => (at(own, 25) ? 0.95 : 0.05))];
    expect(blind.missing.gains[beyond(22)]!.mean).toBeGreaterThan(0.6);
    expect(seeing.missing.gains[beyond(22)]!.mean).toBeLessThan(thresholds.demandGain);
    expect(seeing.achieved.mean).toBeGreaterThan(0.6);
  });

  it('counts only what the data hold where an untrained model answers by old inputs', () => {
    const { data, missing } = measure(bits((_, random) => random.below(2)), (own) => 0.5 + 0.3 * (at(own, 30) - 0.5));
    expect(data.gains[beyond(27)]!.mean).toBeLessThan(thresholds.demandGain);
    // Recalibration has taken out what the model says by chance.
    expect(missing.gains[beyond(27)]!.mean).toBeLessThan(0.02);
  });
});
