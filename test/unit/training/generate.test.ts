import { describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/engine/engine';
import { Random } from '../../../src/shared/random';
import { generate, textStream } from '../../../src/training/generate';
import { drawToken, logSoftmax, mostLikely } from '../../../src/training/sampling';
import { engines } from '../../engines';
import { smallEngine, smallSpec } from './support';

const logits = [1, 3, 2, 3, -1];

/** How often each token is drawn in 4000 draws. */
function shares(sampling: Parameters<typeof drawToken>[1], of = logits): number[] {
  const random = Random.fromSeed(3);
  const counts = of.map(() => 0);
  for (let i = 0; i < 4000; i++) counts[drawToken(of, sampling, random)]!++;
  return counts.map((count) => count / 4000);
}

describe('sampling', () => {
  it('takes the first of the most likely tokens at temperature 0', () => {
    expect(shares({ temperature: 0 })).toEqual([0, 1, 0, 0, 0]);
  });

  it('follows the softmax at temperature 1 and sharpens below', () => {
    const total = logits.reduce((sum, x) => sum + Math.exp(x), 0);
    shares({ temperature: 1 }).forEach((share, token) => expect(share).toBeCloseTo(Math.exp(logits[token]!) / total, 1));
    const sharp = logits.reduce((sum, x) => sum + Math.exp(x / 0.25), 0);
    expect(shares({ temperature: 0.25 })[2]).toBeCloseTo(Math.exp(8) / sharp, 2);
  });

  it('draws among the k most likely only', () => {
    expect(shares({ temperature: 5, topK: 3 }).map((share) => share > 0)).toEqual([false, true, true, true, false]);
  });

  it('draws from the smallest set that reaches p', () => {
    // Softmax: 0.40, 0.40, 0.15, 0.05 and 0.007: two tokens reach 0.7, three are needed for 0.9.
    expect(shares({ temperature: 1, topP: 0.7 }).map((share) => share > 0)).toEqual([false, true, false, true, false]);
    expect(shares({ temperature: 1, topP: 0.9 }).map((share) => share > 0)).toEqual([false, true, true, true, false]);
    expect(shares({ temperature: 1, topP: 0 }).filter((share) => share > 0)).toEqual([1]);
  });

  it('never draws the unknown token', () => {
    expect(shares({ temperature: 1, never: 1 })[1]).toBe(0);
    expect(shares({ temperature: 0, never: 1 })[3]).toBe(1);
  });

  it('ranks the most likely tokens', () => {
    expect(mostLikely(logits, 3).map(({ token }) => token)).toEqual([1, 3, 2]);
    expect(mostLikely(logits, 9)).toHaveLength(5);
  });
});

describe.each(engines)('generation with the $name engine', ({ create }) => {
  it('writes the same tokens with the same seed, and others with another', async () => {
    const engine = await smallEngine(smallSpec(), create);
    const write = (seed: number) => [...generate(engine, { prompt: [0, 1], length: 40, method: { kind: 'sampling', sampling: { temperature: 1 }, seed } })].flat();
    expect(write(1)).toEqual(write(1));
    expect(write(1)).not.toEqual(write(2));
    expect(write(1)).toHaveLength(40);
  });

  it('takes the most likely continuation of all it has read when greedy', async () => {
    const engine = await smallEngine(smallSpec(), create);
    const written = [...generate(engine, { prompt: [3, 1, 4], length: 6, method: { kind: 'sampling', sampling: { temperature: 0 }, seed: 1 } })].flat();
    const state = engine.createState(1);
    const read = [3, 1, 4, ...written];
    read.slice(0, -1).forEach((token, t) => {
      const [best] = mostLikely(engine.predict(Int32Array.of(token), state), 1);
      if (t >= 2) expect(read[t + 1]).toBe(best!.token);
    });
  });
});

describe.each(engines)('a beam over a model of the $name engine', ({ create }) => {
  const prompt = [3, 1, 4];
  const beam = (engine: Engine, width: number, length = 12): number[] => [...generate(engine, { prompt, length, method: { kind: 'beam', width } })].flat();

  /** A model that is neither sure nor indifferent: random weights larger than initial ones. */
  const opinionated = async (seed: number): Promise<Engine> => {
    const engine = await smallEngine(smallSpec(), create);
    const random = Random.fromSeed(seed);
    engine.setParameters(new Map([...engine.parameters()].map(([name, tensor]) => [name, { ...tensor, data: (tensor.data as Float64Array).map(() => 0.7 * random.normal()) }])));
    return engine;
  };

  /** Log-probability of a continuation, read token by token. */
  const logProbability = (engine: Engine, continuation: readonly number[]): number => {
    const state = engine.createState(1);
    let sum = 0;
    [...prompt, ...continuation].forEach((token, t, read) => {
      const logits = logSoftmax(engine.predict(Int32Array.of(token), state));
      if (t + 1 >= prompt.length && t + 1 < read.length) sum += logits[read[t + 1]!]!;
    });
    return sum;
  };

  it('of width 1 writes what greedy sampling writes', async () => {
    const engine = await opinionated(1);
    expect(beam(engine, 1)).toEqual([...generate(engine, { prompt, length: 12, method: { kind: 'sampling', sampling: { temperature: 0 }, seed: 1 } })].flat());
  });

  it('finds texts of higher probability than greedy', async () => {
    let better = 0;
    for (let seed = 1; seed <= 8; seed++) {
      const engine = await opinionated(seed);
      const [greedy, wide] = [1, 6].map((width) => logProbability(engine, beam(engine, width))) as [number, number];
      expect(wide).toBeGreaterThanOrEqual(greedy - 1e-4);
      if (wide > greedy + 1e-3) better++;
    }
    expect(better).toBeGreaterThanOrEqual(2);
  });

  it('finds the most probable of all continuations when it is wide enough', async () => {
    const engine = await opinionated(2);
    const all = Array.from({ length: 125 }, (_, i) => [Math.floor(i / 25), Math.floor(i / 5) % 5, i % 5]);
    const best = all.reduce((a, b) => (logProbability(engine, b) > logProbability(engine, a) ? b : a));
    expect(beam(engine, 25, 3)).toEqual(best);
  });
});

describe('a stream of bytes', () => {
  it('holds a character back until all its bytes are there', () => {
    const tokens = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
    const stream = textStream({ kind: 'byte', tokens });
    const pieces = [...Buffer.from('aé€')].map((byte) => stream.push(byte));
    expect(pieces).toEqual(['a', '', 'é', '', '', '€']);
    expect(stream.push(0xe2) + stream.end()).toBe('\uFFFD');
  });
});
