import { describe, expect, it } from 'vitest';
import { measureDemand, type Demands } from '../../../src/diagnosis/demand';
import type { Answers } from '../../../src/diagnosis/answers';
import { zOf } from '../../../src/diagnosis/estimate';
import type { HeldOut, HeldOutSequence } from '../../../src/diagnosis/heldOut';
import { lagEdges } from '../../../src/diagnosis/lags';
import { contextFeatures } from '../../../src/diagnosis/probes/contexts';
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

/** Runs a measurement to its end. */
function allOf(work: Generator<unknown, Demands>): Demands {
  let next = work.next();
  while (next.done !== true) next = work.next();
  return next.value;
}

const at = (bits: Int32Array, lag: number): number => bits[steps - 1 - lag]!;
const edges = lagEdges(steps - 1);
const untrained = (): number => 0.5;
const measure = (heldOut: HeldOut, model: (bits: Int32Array) => number = untrained) => allOf(measureDemand(heldOut, answersOf(heldOut, model), edges, 4, () => undefined));
const beyond = (lag: number): number => edges.indexOf(lag);

/** Two keys of six with a 0 and a 1 behind them, in any order, filler, and at the end a key that is asked for. */
function lookups(question: (random: Random, keys: readonly number[], values: readonly number[]) => { readonly key: number; readonly value: number }): Demands {
  const random = Random.fromSeed(5);
  const sequences = Array.from({ length: 900 }, (): HeldOutSequence => {
    const first = random.below(6);
    const keys = [first, (first + 1 + random.below(5)) % 6];
    const bit = random.below(2);
    const values = [bit, 1 - bit];
    const { key, value } = question(random, keys, values);
    const inputs = Int32Array.from({ length: steps }, () => 8 + random.below(3));
    inputs.set([2 + keys[0]!, values[0]!, 2 + keys[1]!, values[1]!], 10);
    inputs[steps - 1] = 2 + key;
    const targets = new Int32Array(steps).fill(-1);
    targets[steps - 1] = value;
    return { steps, inputs, targets };
  });
  return measure({ ...bits(() => 0), sequences });
}

describe('demand', { timeout: 60_000 }, () => {
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
    const { data } = allOf(measureDemand(heldOut, { ...answersOf(heldOut, untrained), timestep: new Int32Array(900).fill(11), right: Float64Array.from(sequences.flatMap(({ targets }) => (targets[11] === 1 ? [0, 1] : [1, 0]))) }, lags, 4, () => undefined));
    expect(data.gains[lags.indexOf(8)]!.mean).toBeGreaterThan(0.2);
    expect(data.probes[lags.indexOf(8)]).toBe('pairs');
  });

  it('of the value behind a key is seen by attention, which no place and no pair of inputs tells', () => {
    const { data } = lookups((random, keys, values) => {
      const asked = random.below(2);
      return { key: keys[asked]!, value: values[asked]! };
    });
    expect(data.gains[beyond(11)]!.mean).toBeGreaterThan(0.8);
    expect(data.probes[beyond(11)]).toBe('attention');
    expect(data.gains[beyond(38)]?.mean ?? 0).toBeLessThan(0.01);
  });

  it('is not found by attention where keys are asked and answers are drawn', () => {
    const { data } = lookups((random, keys) => ({ key: keys[random.below(2)]!, value: random.below(2) }));
    for (const place of edges.keys()) expect(data.gains[place]!.mean).toBeLessThan(thresholds.demandGain);
    expect(data.probes).not.toContain('attention');
  });

  it('of the latest of two marks anywhere before is seen', () => {
    const random = Random.fromSeed(6);
    const sequences = Array.from({ length: 900 }, (): HeldOutSequence => {
      const inputs = Int32Array.from({ length: steps }, () => (random.uniform() < 0.08 ? 4 + random.below(2) : random.below(4)));
      const targets = new Int32Array(steps).fill(-1);
      targets[steps - 1] = Number([...inputs].reverse().find((token) => token >= 4) === 5);
      return { steps, inputs, targets };
    });
    const { data } = measure({ ...bits(() => 0), sequences });
    expect(data.gains[beyond(8)]!.mean).toBeGreaterThan(0.1);
    expect(zOf(data.gains[beyond(8)]!)).toBeGreaterThan(thresholds.demandZ);
  });

  it('would have been found from the size that is told', () => {
    const blank = measure(bits((_, random) => random.below(2)));
    const share = blank.sensitivity!;
    expect(share).toBeLessThanOrEqual(0.35);
    // A bit that is copied with chance p explains p² of the variance: twice what is told.
    const copied = measure(bits((own, random) => (random.uniform() < Math.sqrt(2 * share) ? at(own, 25) : random.below(2))));
    expect(zOf(copied.data.gains[beyond(4)]!)).toBeGreaterThan(thresholds.demandZ);
  });

  it('cannot be told in a handful of sequences, however large', () => {
    const all = bits((_, random) => random.below(2));
    expect(measure({ ...all, sequences: all.sequences.slice(0, 40) }).sensitivity).toBeUndefined();
  });

  it('of a letter of many kinds is seen at its lag, though all kinds at all lags are more columns than rows can tell apart', () => {
    const random = Random.fromSeed(8);
    const sequences = Array.from({ length: 600 }, (): HeldOutSequence => {
      const inputs = Int32Array.from({ length: steps }, () => random.below(26));
      const targets = new Int32Array(steps).fill(-1);
      targets[steps - 1] = inputs[steps - 1 - 20]! % 2;
      return { steps, inputs, targets };
    });
    const { data } = measure({ ...bits(() => 0), sequences });
    expect(data.gains[beyond(19)]!.mean).toBeGreaterThan(0.6);
    expect(['lags', 'few']).toContain(data.probes[beyond(19)]);
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

  it('of a letter that five letters before it tell together, and no four, is seen best by looking contexts up', () => {
    const random = Random.fromSeed(9);
    // The last bit of six has the parity of the other five.
    const stretch = (): HeldOutSequence => {
      const inputs = Int32Array.from({ length: 61 }, () => 0);
      for (let t = 0; t < 61; t++) inputs[t] = t < 5 || random.uniform() < 0.2 ? random.below(2) : inputs.slice(t - 5, t).reduce((sum, bit) => sum + bit, 0) % 2;
      return { steps: 60, inputs: inputs.slice(0, 60), targets: inputs.slice(1) };
    };
    const heldOut: HeldOut = { sequences: Array.from({ length: 300 }, stretch), features: 1, outputs: 2, loss: 'tokens', longest: 60, warmUp: 15, answers: 'each-step', notes: [] };
    const chosen = heldOut.sequences.flatMap(({ targets }, sequence) => [20, 35, 50].map((timestep) => ({ sequence, timestep, target: targets[timestep]! })));
    const answers: Answers = {
      sequence: Int32Array.from(chosen, ({ sequence }) => sequence),
      timestep: Int32Array.from(chosen, ({ timestep }) => timestep),
      width: 2,
      right: Float64Array.from(chosen.flatMap(({ target }) => (target === 1 ? [0, 1] : [1, 0]))),
      given: new Float64Array(2 * chosen.length).fill(0.5),
      finite: true,
    };
    const all = lagEdges(59, 3);
    const groups = { count: 2, of: Int32Array.of(0, 1) };
    const seen = allOf(measureDemand(heldOut, answers, all, 3, () => undefined, contextFeatures(heldOut, answers, groups, Array.from({ length: 200 }, stretch), all)));
    expect(seen.data.gains[all.indexOf(3)]!.mean).toBeGreaterThan(0.4);
    expect(seen.data.probes[all.indexOf(3)]).toBe('contexts');
  });
});
