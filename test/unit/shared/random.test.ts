import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/shared/random';

const draws = (random: Random, n = 5) => Array.from({ length: n }, () => random.next());

describe('Random', () => {
  it('gives the numbers of the published xoshiro128** from a known state', () => {
    // First outputs for the state 1, 2, 3, 4, from the algorithm as published in C.
    expect(draws(Random.fromState([1, 2, 3, 4]), 6)).toEqual([11520, 0, 5927040, 70819200, 2031721883, 1637235492]);
  });

  it('repeats itself for one seed and differs for another seed or stream', () => {
    expect(draws(Random.fromSeed(7))).toEqual(draws(Random.fromSeed(7)));
    expect(draws(Random.fromSeed(7))).not.toEqual(draws(Random.fromSeed(8)));
    expect(draws(Random.fromSeed(7))).not.toEqual(draws(Random.fromSeed(7, 1)));
  });

  it('fills an array with what single draws give, and goes on behind them', () => {
    const [one, many] = [Random.fromSeed(7), Random.fromSeed(7)];
    const filled = new Float64Array(101);
    many.fillBetween(filled, -0.3, 0.9);
    expect(filled).toEqual(Float64Array.from(filled, () => one.between(-0.3, 0.9)));
    expect(many.next()).toBe(one.next());
  });

  it('goes on from a saved state as if never stopped', () => {
    const random = Random.fromSeed(3);
    draws(random, 11);
    const saved = random.state();
    const expected = [random.normal(), random.uniform(), random.below(10)];
    const restored = Random.fromState(saved);
    expect([restored.normal(), restored.uniform(), restored.below(10)]).toEqual(expected);
  });

  it('refuses what cannot be a state', () => {
    expect(() => Random.fromState([1, 2, 3])).toThrow(RangeError);
    expect(() => Random.fromState([0, 0, 0, 0])).toThrow(RangeError);
  });

  it('draws uniform numbers with mean 1/2 and variance 1/12, normal ones with 0, 1 and kurtosis 3', () => {
    const random = Random.fromSeed(1);
    const n = 200_000;
    const moments = (draw: () => number) => {
      const sums = [0, 0, 0];
      for (let i = 0; i < n; i++) {
        const x = draw();
        sums[0]! += x;
        sums[1]! += x * x;
        sums[2]! += x ** 4;
      }
      return sums.map((sum) => sum / n);
    };
    const [mean, square] = moments(() => random.uniform());
    expect(mean).toBeCloseTo(1 / 2, 2);
    expect(square! - mean! ** 2).toBeCloseTo(1 / 12, 2);
    const [normalMean, variance, fourth] = moments(() => random.normal());
    expect(Math.abs(normalMean!)).toBeLessThan(0.01);
    expect(variance).toBeCloseTo(1, 1);
    expect(fourth).toBeCloseTo(3, 0);
  });

  it('draws every whole number below a bound about equally often', () => {
    const random = Random.fromSeed(5);
    const counts = new Array<number>(6).fill(0);
    for (let i = 0; i < 60_000; i++) counts[random.below(6)]!++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});
