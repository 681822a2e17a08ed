import { describe, expect, it } from 'vitest';
import { loadData } from '../../../src/data/load';
import type { BatchPlan } from '../../../src/data/task';
import type { TaskSpec } from '../../../src/spec/schema';
import { memoryFiles } from './files';

const alphabet = 'abcdefghijklmnopqrstuvwxyz';
const task = (over: object = {}): TaskSpec => ({ kind: 'language-model', data: 'a.txt', tokens: 'char', validation: 0, ...over }) as TaskSpec;
const plan = (over: Partial<BatchPlan> = {}): BatchPlan => ({ batch: 2, window: 3, seed: 1, stateful: true, ...over });
const load = (text: string, over: object = {}) => loadData(task(over), memoryFiles({ 'a.txt': text }));

/** Rows of a time-first [T,B] batch, as letters. */
const letters = (values: Int32Array | Float64Array, sequences: number) =>
  Array.from({ length: values.length / sequences }, (_, t) => Array.from(values.slice(t * sequences, (t + 1) * sequences), (v) => alphabet[v]).join(''));

describe('training batches', () => {
  it('read parallel streams, time first, with the next character as target', async () => {
    const data = await load(alphabet); // 25 predictions: two streams of 12
    const batches = data.trainingBatches(plan());
    const { batch } = batches.at(0);
    expect([batch.steps, batch.sequences]).toEqual([3, 2]);
    expect(letters(batch.inputs, 2)).toEqual(['am', 'bn', 'co']);
    expect(letters(batch.targets, 2)).toEqual(['bn', 'co', 'dp']);
  });

  it('go on in each window where the one before ended, and start over after a pass', async () => {
    const batches = (await load(alphabet)).trainingBatches(plan());
    expect(batches.perEpoch).toBe(4);
    const seen = [0, 1, 3, 4].map((step) => {
      const { state, batch } = batches.at(step);
      return `${state} ${letters(batch.inputs, 2).join(' ')}`;
    });
    expect(seen).toEqual(['reset am bn co', 'continue dp eq fr', 'continue jv kw lx', 'reset am bn co']);
  });

  it('start every window from zeros when they are not stateful', async () => {
    const batches = (await load(alphabet)).trainingBatches(plan({ stateful: false }));
    expect([0, 1, 2].map((step) => batches.at(step).state)).toEqual(['reset', 'reset', 'reset']);
  });

  it('are a function of the step alone, so that a resumed run sees the same', async () => {
    const data = await load(alphabet);
    const forwards = data.trainingBatches(plan());
    for (let step = 0; step < 6; step++) forwards.at(step);
    expect(data.trainingBatches(plan()).at(6)).toEqual(forwards.at(6));
  });

  it('reuse their arrays', async () => {
    const batches = (await load(alphabet)).trainingBatches(plan());
    expect(batches.at(0).batch.inputs.buffer).toBe(batches.at(1).batch.inputs.buffer);
  });

  it('predict each position of a stream exactly once in a pass', async () => {
    const batches = (await load(alphabet)).trainingBatches(plan({ batch: 5, window: 5 }));
    const targets = Array.from({ length: batches.perEpoch }, (_, step) => letters(batches.at(step).batch.targets, 5).join('')).join('');
    expect([...targets].sort().join('')).toBe(alphabet.slice(1));
  });

  it('need a text that is longer than the window', async () => {
    const data = await load('abc');
    expect(() => data.trainingBatches(plan({ batch: 1 }))).toThrow(/window 3 is longer than the training part.*3 tokens \(2 predictions\).*at most 2/);
  });

  it('need a text that feeds the whole batch', async () => {
    const data = await load(alphabet);
    expect(() => data.trainingBatches(plan({ batch: 9 }))).toThrow(/batch 9 × window 3 needs 28 tokens.*has 26.*at most 8/);
    expect(data.trainingBatches(plan({ batch: 8 })).perEpoch).toBe(1);
  });
});

describe('the held-out part', () => {
  it('is the end of the text', async () => {
    const data = await load(alphabet, { validation: 0.5 });
    expect(data.positions).toEqual({ training: 12, validation: 12 });
    const [first] = data.validationBatches(plan({ batch: 1, window: 4 }));
    expect(letters(first!.batch.inputs, 1).join('')).toBe('nopq');
  });

  it('is read whole, its last window shorter', async () => {
    const data = await load(alphabet, { validation: 0.5 });
    const windows = Array.from(data.validationBatches(plan({ batch: 2, window: 4 })), ({ state, batch }) => `${state} ${batch.steps} ${letters(batch.targets, 2).join(' ')}`);
    expect(windows).toEqual(['reset 4 ou pv qw rx', 'continue 2 sy tz']);
  });

  it('is read in fewer streams when it is short', async () => {
    const data = await load(alphabet, { validation: 0.2 });
    const [first] = data.validationBatches(plan({ batch: 4, window: 50 }));
    expect([first!.batch.sequences, first!.batch.steps]).toEqual([1, 5]);
  });

  it('may be empty', async () => {
    expect([...(await load(alphabet)).validationBatches(plan())]).toEqual([]);
  });
});

describe('loading', () => {
  it('reads the file twice and holds no text', async () => {
    const files = memoryFiles({ 'a.txt': alphabet });
    await loadData(task(), files);
    expect(files.opened).toEqual(['a.txt', 'a.txt']);
  });

  it('knows sizes and vocabulary', async () => {
    const data = await load('hello');
    expect(data.sizes).toEqual({ input: { kind: 'tokens', vocabulary: 4 }, outputs: 4, loss: 'tokens' });
    expect(data.vocabulary?.tokens).toEqual(['e', 'h', 'l', 'o']);
  });

  it('tells the losses of knowing nothing and of knowing frequencies, in nats', async () => {
    const [nothing, frequencies] = (await load('aaab')).references;
    expect(nothing).toEqual({ label: 'knows nothing: ln 2', loss: Math.log(2) });
    // −¾ ln ¾ − ¼ ln ¼
    expect(frequencies?.loss).toBeCloseTo(0.562335, 6);
  });

  it('takes frequencies from the training part only', async () => {
    const [, frequencies] = (await load('aaaab', { validation: 0.2 })).references;
    expect(frequencies?.loss).toBe(0);
  });

  it('refuses a text of one kind of token', async () => {
    await expect(load('aaaa')).rejects.toMatchObject({ code: 'data-vocabulary', message: expect.stringContaining('one kind of token only ("a")') });
  });

  it('tells a text of white space, and limits that leave nothing, from a text of one kind of token', async () => {
    await expect(load(' \n\t ', { tokens: 'spaced' })).rejects.toMatchObject({ code: 'data-vocabulary', message: expect.stringContaining('only white space') });
    await expect(load('abcabc', { vocabulary: { minCount: 9 } })).rejects.toMatchObject({ code: 'data-vocabulary', message: expect.stringContaining("leave none of the text's 3 kinds of token") });
  });

  it("keeps to an earlier run's vocabulary, and tells when the text left it", async () => {
    const vocabulary = { kind: 'char', tokens: ['c', 'b', 'a'] } as const;
    const data = await loadData(task(), memoryFiles({ 'a.txt': 'abcabc' }), { vocabulary });
    expect(Array.from(data.trainingBatches(plan({ batch: 1, window: 4 })).at(0).batch.inputs)).toEqual([2, 1, 0, 2]);
    await expect(loadData(task(), memoryFiles({ 'a.txt': 'abcd' }), { vocabulary })).rejects.toMatchObject({ code: 'data-changed' });
  });

  it('is abandoned between pieces of a file', async () => {
    const stop = new Error('stop');
    let asked = 0;
    const alive = () => {
      if (++asked === 3) throw stop;
    };
    await expect(loadData(task(), memoryFiles({ 'a.txt': alphabet }, 1), { alive })).rejects.toBe(stop);
  });

  it('knows the sizes of a batch from a file, which has nothing to train on', async () => {
    const data = await loadData({ kind: 'batch', loss: 'values', vocabulary: 0, features: 3, outputs: 2 }, memoryFiles({}));
    expect(data.sizes).toEqual({ input: { kind: 'values', features: 3 }, outputs: 2, loss: 'values' });
    expect(() => data.trainingBatches(plan())).toThrow(/no training data/);
  });
});
