import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/shared/random';
import { beamSearch, lengthPenalty, type BeamSearch, type Hypothesis } from '../../../src/training/beamSearch';
import { logSoftmax } from '../../../src/training/sampling';

/** A model whose next token depends on all tokens before: a table of logits made from a seed. */
function model(seed: number, vocabulary: number): (prefix: readonly number[]) => number[] {
  const rows = new Map<string, number[]>();
  return (prefix) => {
    const key = prefix.join();
    const row = rows.get(key) ?? (() => {
      const random = Random.fromSeed(seed, prefix.reduce((hash, token) => hash * 31 + token + 1, 17));
      return Array.from({ length: vocabulary }, () => 2 * random.normal());
    })();
    rows.set(key, row);
    return row;
  };
}

type Settings = Partial<Omit<BeamSearch, 'first' | 'step'>> & { width: number; length: number };

/** Runs a search to its end; keeps what it yielded. */
function search(logitsOf: (prefix: readonly number[]) => number[], settings: Settings): { best: Hypothesis; all: readonly Hypothesis[]; yielded: number[]; steps: number } {
  let prefixes: number[][] = [[]];
  let steps = 0;
  const beam = beamSearch({
    alpha: 0,
    ...settings,
    first: logitsOf([]),
    step: (parents, tokens) => {
      steps++;
      prefixes = parents.map((parent, i) => [...prefixes[parent]!, tokens[i]!]);
      return prefixes.flatMap(logitsOf);
    },
  });
  const yielded: number[] = [];
  for (let next = beam.next(); ; next = beam.next()) {
    if (next.done) return { best: next.value[0]!, all: next.value, yielded, steps };
    yielded.push(...next.value);
  }
}

/** Every sequence up to `length` tokens: those that end, or (without `end`) those of full length. */
function everySequence(logitsOf: (prefix: readonly number[]) => number[], { length, end, alpha = 0, never }: Settings): Hypothesis[] {
  const grow = (prefix: number[], logProbability: number): Hypothesis[] => {
    const of = (tokens: number[], count: number, total: number): Hypothesis => ({ tokens, logProbability: total, score: total / lengthPenalty(count, alpha) });
    if (prefix.length === length) return end === undefined ? [of(prefix, length, logProbability)] : [];
    const logits = logitsOf(prefix).map((value, token) => (token === never ? -Infinity : value));
    const next = logSoftmax(logits);
    return logits.flatMap((_, token) => {
      if (token === never) return [];
      const total = logProbability + next[token]!;
      return token === end ? [of(prefix, prefix.length + 1, total)] : grow([...prefix, token], total);
    });
  };
  return grow([], 0).sort((a, b) => b.score - a.score);
}

describe('beam search', () => {
  const vocabulary = 4;

  it.each([1, 2, 3, 4, 5])('finds what exhaustive search finds when its beam holds every sequence (seed %i)', (seed) => {
    const logitsOf = model(seed, vocabulary);
    const settings = { width: vocabulary ** 4, length: 4 };
    const { all } = search(logitsOf, settings);
    const every = everySequence(logitsOf, settings);
    expect(all).toHaveLength(256);
    expect(all.map(({ tokens }) => tokens)).toEqual(every.map(({ tokens }) => tokens));
    all.forEach(({ logProbability }, i) => expect(logProbability).toBeCloseTo(every[i]!.logProbability, 12));
    expect(all.reduce((sum, { logProbability }) => sum + Math.exp(logProbability), 0)).toBeCloseTo(1, 12);
  });

  it.each([0, 0.6, 1, 2])('finds the best of the sequences that end, normalised by length with α = %d', (alpha) => {
    for (let seed = 1; seed <= 20; seed++) {
      const logitsOf = model(seed, vocabulary);
      const settings = { width: vocabulary ** 4, length: 4, end: 2, alpha };
      const { best } = search(logitsOf, settings);
      const [expected] = everySequence(logitsOf, settings);
      expect(best.tokens).toEqual(expected!.tokens);
      expect(best.score).toBeCloseTo(expected!.score, 12);
    }
  });

  it('prefers longer sequences the stronger it normalises by length', () => {
    const lengths = [0, 1, 3].map((alpha) => {
      let sum = 0;
      for (let seed = 1; seed <= 20; seed++) sum += search(model(seed, vocabulary), { width: 64, length: 6, end: 0, alpha }).best.tokens.length;
      return sum;
    });
    expect(lengths[0]).toBeLessThan(lengths[1]!);
    expect(lengths[1]).toBeLessThan(lengths[2]!);
  });

  it('takes the most likely token at each step when its width is 1', () => {
    const logitsOf = model(7, 9);
    const { best } = search(logitsOf, { width: 1, length: 12 });
    best.tokens.forEach((token, t) => {
      const logits = logitsOf(best.tokens.slice(0, t));
      expect(token).toBe(logits.indexOf(Math.max(...logits)));
    });
  });

  it('finds sequences of higher probability the wider it is, summed over many models', () => {
    const sums = [1, 2, 4, 16].map((width) => {
      let sum = 0;
      for (let seed = 1; seed <= 30; seed++) sum += search(model(seed, 5), { width, length: 8 }).best.logProbability;
      return sum;
    });
    for (let i = 1; i < sums.length; i++) expect(sums[i]).toBeGreaterThan(sums[i - 1]!);
  });

  it('yields as settled only what the best sequence begins with', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { best, yielded } = search(model(seed, 3), { width: 3, length: 20 });
      expect(best.tokens.slice(0, yielded.length)).toEqual(yielded);
    }
    expect(search(model(1, 3), { width: 1, length: 20 }).yielded).toHaveLength(20);
  });

  it('stops as soon as nothing better can come', () => {
    const sure = (prefix: readonly number[]): number[] => (prefix.length < 2 ? [5, 0, 0] : [0, 0, 9]);
    const { best, steps } = search(sure, { width: 4, length: 100, end: 2 });
    expect(best.tokens).toEqual([0, 0]);
    expect(steps).toBeLessThan(5);
  });

  it('counts a sequence that has not ended only where none has', () => {
    const endless = (): number[] => [1, 0, -Infinity];
    expect(search(endless, { width: 2, length: 5, end: 2 }).best.tokens).toEqual([0, 0, 0, 0, 0]);
  });

  it('never writes the token it may not write, and leaves its probability out', () => {
    const logitsOf = model(3, vocabulary);
    const settings = { width: 81, length: 4, never: 1 };
    const { all } = search(logitsOf, settings);
    const every = everySequence(logitsOf, settings);
    expect(all.map(({ tokens }) => tokens)).toEqual(every.map(({ tokens }) => tokens));
    expect(all).toHaveLength(81);
  });
});

describe('length normalisation', () => {
  it('is that of Wu et al. 2016: ((5 + |Y|) / 6) to the power α', () => {
    expect(lengthPenalty(1, 0.6)).toBe(1);
    expect(lengthPenalty(7, 1)).toBe(2);
    expect(lengthPenalty(19, 0.5)).toBe(2);
    expect(lengthPenalty(50, 0)).toBe(1);
  });
});
