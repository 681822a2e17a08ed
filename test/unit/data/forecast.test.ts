import { describe, expect, it } from 'vitest';
import type { DataError } from '../../../src/data/files';
import { loadData } from '../../../src/data/load';
import { inOwnUnit } from '../../../src/data/scaling';
import { parseStoredData } from '../../../src/data/parseStored';
import { formatStoredData, storedData } from '../../../src/data/stored';
import type { SequenceBatch, TaskData } from '../../../src/data/task';
import { specSchema } from '../../../src/spec/schema';
import { memoryFiles } from './files';

const plan = { batch: 2, window: 5, seed: 1, stateful: true };
const taskOf = (rest: object) => specSchema.parse({ version: 1, name: 'm', task: { kind: 'forecast', data: 's.csv', inputs: ['u', 'v'], targets: ['v'], ...rest }, model: { layers: [{ cell: 'gru', units: 4 }] } }).task;
const load = (rest: object, text: string, options = {}): Promise<TaskData> => loadData(taskOf(rest), memoryFiles({ 's.csv': text }), options);

/** Row n: u = n², v = 2n. */
const series = (rows: number) => `u,v\n${Array.from({ length: rows }, (_, n) => `${n * n},${2 * n}`).join('\n')}\n`;

/** Row numbers n that a batch reads and should answer with, sequence by sequence. */
function rowsOf({ scaling }: TaskData, { inputs, targets, steps, sequences }: SequenceBatch) {
  const row = (value: number) => Math.round(inOwnUnit(value, scaling!.targets[0]!) / 2);
  return Array.from({ length: sequences }, (_, b) => Array.from({ length: steps }, (_, t) => {
    expect(inOwnUnit(inputs[(t * sequences + b) * 2]!, scaling!.inputs[0]!)).toBeCloseTo(row(inputs[(t * sequences + b) * 2 + 1]!) ** 2, 6);
    return [row(inputs[(t * sequences + b) * 2 + 1]!), row(targets[t * sequences + b]!)];
  }));
}
const pairs = (from: number, count: number, horizon: number) => Array.from({ length: count }, (_, i) => [from + i, from + i + horizon]);

describe('a forecast', () => {
  it('reads contiguous windows in as many parts as the batch has, the target horizon rows later', async () => {
    const data = await load({ horizon: 3, validation: 0.2 }, series(40));
    // 32 training rows, 29 of them with a target: 2 parts of 14, of which 2 windows of 5 are read.
    const batches = data.trainingBatches(plan);
    expect(batches.perEpoch).toBe(2);
    expect(rowsOf(data, batches.at(0).batch)).toEqual([pairs(0, 5, 3), pairs(14, 5, 3)]);
    expect(rowsOf(data, batches.at(1).batch)).toEqual([pairs(5, 5, 3), pairs(19, 5, 3)]);
    expect([0, 1, 2, 3].map((step) => batches.at(step).state)).toEqual(['reset', 'continue', 'reset', 'continue']);
    expect(data.trainingBatches({ ...plan, stateful: false }).at(1).state).toBe('reset');
    expect(rowsOf(data, batches.at(2).batch)).toEqual(rowsOf(data, batches.at(0).batch));
  });

  it('holds out the end, none of whose values is ever read or predicted in training', async () => {
    const data = await load({ horizon: 3, validation: 0.2 }, series(40));
    const seen = [0, 1].flatMap((step) => rowsOf(data, data.trainingBatches({ ...plan, batch: 1, window: 14 }).at(step).batch).flat(2));
    expect(Math.max(...seen)).toBeLessThan(32);
    const heldOut = [...data.validationBatches(plan)];
    expect(heldOut.map(({ state }) => state)).toEqual(['reset']);
    expect(rowsOf(data, heldOut[0]!.batch)).toEqual([pairs(32, 5, 3)]);
    expect(data.positions).toEqual({ training: 29, validation: 5 });
  });

  it('evaluates a long held-out part in windows that go on where the one before ended', async () => {
    const data = await load({ validation: 0.5 }, series(400));
    const windows = [...data.validationBatches(plan)];
    expect(windows[0]!.batch.sequences).toBe(2);
    expect(windows.map(({ state }) => state).slice(0, 3)).toEqual(['reset', 'continue', 'continue']);
    expect(windows.flatMap(({ batch }) => rowsOf(data, batch)[0]!)).toEqual(pairs(200, 99, 1));
  });

  it('standardises by mean and deviation of the training part alone', async () => {
    const data = await load({ validation: 0.5 }, 'u,v\n1,1\n1,3\n1,5\n1,7\n9,1000\n9,1000\n9,1000\n9,1000\n');
    expect(data.scaling).toEqual({
      kind: 'values',
      // A constant column is only moved.
      inputs: [{ name: 'u', mean: 1, deviation: 1 }, { name: 'v', mean: 4, deviation: Math.sqrt(5) }],
      targets: [{ name: 'v', mean: 4, deviation: Math.sqrt(5) }],
    });
  });

  it.each([1e-300, 1, 1e300])('standardises values of the size %f alike', async (size) => {
    const column = (unit: number) => `u,v\n${Array.from({ length: 40 }, (_, n) => `${n},${((n * 7) % 11) * unit}`).join('\n')}\n`;
    const targets = async (unit: number) => Array.from((await load({}, column(unit))).trainingBatches(plan).at(0).batch.targets);
    const [scaled, plain] = [await targets(size), await targets(1)];
    scaled.forEach((value, index) => expect(value).toBeCloseTo(plain[index]!, 10));
  });

  it('refuses a value that the engine cannot hold, with its place', async () => {
    const error = await load({}, `${series(40)}1e300,1\n`).then(() => expect.unreachable(), (failure: DataError) => failure);
    expect(error).toMatchObject({ code: 'data-value', message: expect.stringMatching(/^s\.csv, line 42, column "u": 1e300 is too large/) });
  });

  it('knows what persistence and the mean cost on the held-out part', async () => {
    const data = await load({ horizon: 2, validation: 0.2 }, series(50));
    const { deviation, mean } = data.scaling!.targets[0]!;
    const wanted = Array.from({ length: 8 }, (_, i) => ((2 * (42 + i) - mean) / deviation) ** 2);
    const [average, persistence] = data.references;
    expect(average!.loss).toBeCloseTo(wanted.reduce((sum, value) => sum + value, 0) / 8);
    expect(persistence!.loss).toBeCloseTo((4 / deviation) ** 2);
    expect(persistence!.label).toContain('persistence (held-out part)');
  });

  it('keeps its scaling with the run, and goes on with it', async () => {
    const data = await load({}, series(40));
    const stored = parseStoredData(formatStoredData(storedData(data)!));
    expect(stored).toEqual(data.scaling);
    const again = await load({}, series(60), { scaling: stored });
    expect(again.scaling).toEqual(data.scaling);
  });

  it('shows rows in the unit of the data', async () => {
    const { inputs, targets } = (await load({ horizon: 2, validation: 0.5 }, series(40))).samples!.at(0);
    expect(inputs[0]).toBe('400 · 40');
    expect(targets[0]).toBe('44');
  });

  it.each([
    [series(3), { horizon: 4 }, 'data-too-short', 's.csv has 3 rows'],
    ['u,v\n1,2\n3,x\n', {}, 'data-value', 's.csv, line 3, column "v": "x" is not a number'],
    ['u,w\n1,2\n', {}, 'data-column', 's.csv has no column "v"; it has: u, w.'],
  ])('says what is wrong with %j', async (text, rest, code, message) => {
    const error = await load(rest, text).then(
      () => expect.unreachable('it was loaded'),
      (thrown: DataError) => thrown,
    );
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('refuses a batch or window that the series cannot feed', async () => {
    const data = await load({ validation: 0 }, series(41));
    expect(() => data.trainingBatches({ ...plan, window: 41 })).toThrow('Set window to at most 40');
    expect(() => data.trainingBatches({ ...plan, batch: 9, window: 5 })).toThrow('Set batch to at most 8');
    expect(data.trainingBatches({ ...plan, batch: 8, window: 5 }).perEpoch).toBe(1);
  });
});
