import { describe, expect, it } from 'vitest';
import { bucketedBatches } from '../../../src/data/buckets';
import type { DataError } from '../../../src/data/files';
import { loadData } from '../../../src/data/load';
import { holdOut } from '../../../src/data/split';
import type { SequenceBatch, TaskData } from '../../../src/data/task';
import { outputText } from '../../../src/data/vocabulary';
import { specSchema, type TaskSpec } from '../../../src/spec/schema';
import { memoryFiles } from './files';

const plan = { batch: 4, window: 8, seed: 1, stateful: true };
const taskOf = (task: object): TaskSpec => specSchema.parse({ version: 1, name: 'm', task, model: { layers: [{ cell: 'lstm', units: 4 }] } }).task;
const load = (task: object, text: string, options = {}): Promise<TaskData> => loadData(taskOf(task), memoryFiles({ [(task as { data: string }).data]: text }), options);
const problem = (task: object, text: string, options = {}): Promise<DataError> =>
  load(task, text, options).then(
    () => expect.unreachable('it was loaded'),
    (error: DataError) => error,
  );

/** The sequences of a batch as texts, by length; checks that all else is padding. */
function textsOf({ vocabulary }: TaskData, { inputs, lengths, steps, sequences }: SequenceBatch): string[] {
  return Array.from({ length: sequences }, (_, b) => {
    const column = Array.from({ length: steps }, (_, t) => inputs[t * sequences + b]!);
    expect(column.slice(lengths![b])).toEqual(column.slice(lengths![b]).fill(0));
    return column.slice(0, lengths![b]).map((token) => vocabulary!.tokens[token]).join('');
  });
}

const names = { kind: 'classification', data: 'n.csv', text: 'name', label: 'list', tokens: 'char' };
/** 60 names of list x and 40 of list y, of 1 to 9 letters; each is there once. */
const rows = Array.from({ length: 100 }, (_, i) => [`${'abcde'[i % 5]}${String.fromCharCode(97 + (i % 26)).repeat(i % 8)}${i % 3 === 0 ? '' : 'z'}`, i % 5 < 3 ? 'x' : 'y'] as const);
const csv = `name,list\n${rows.map((row) => row.join(',')).join('\n')}\n`;

describe('a classification', () => {
  it('holds out a tenth of each class, the same for every seed', async () => {
    const data = await load(names, csv);
    expect(data.positions).toEqual({ training: 90, validation: 10 });
    const heldOut = (seed: number) => [...data.validationBatches({ ...plan, seed })].flatMap(({ batch }) => Array.from(batch.targets, (target) => outputText(target, data.vocabulary!)));
    expect(heldOut(1).sort()).toEqual([...Array<string>(6).fill('x'), ...Array<string>(4).fill('y')]);
    expect([...data.validationBatches({ ...plan, seed: 1 })]).toEqual([...data.validationBatches({ ...plan, seed: 2 })]);
  });

  it('gives each sequence its label, pads behind its end and says how long it is', async () => {
    const data = await load(names, csv);
    const known = new Set(rows.map(([name, label]) => `${name}:${label}`));
    const batches = data.trainingBatches(plan);
    for (let step = 0; step < batches.perEpoch; step++) {
      const { batch, state } = batches.at(step);
      expect(state).toBe('reset');
      expect(Math.max(...batch.lengths!)).toBe(batch.steps);
      textsOf(data, batch).forEach((text, b) => expect(known).toContain(`${text}:${outputText(batch.targets[b]!, data.vocabulary!)}`));
    }
    expect(data.sizes).toEqual({ input: { kind: 'tokens', vocabulary: data.vocabulary!.tokens.length }, outputs: 2, loss: 'class' });
  });

  it('knows what guessing costs', async () => {
    const { references } = await load(names, csv);
    expect(references.map(({ loss }) => loss)).toEqual([Math.log(2), expect.closeTo(-0.6 * Math.log(0.6) - 0.4 * Math.log(0.4))]);
    expect(references[1]!.label).toContain('60 % are "x"');
  });

  it('shows held-out examples', async () => {
    const data = await load(names, csv);
    expect(data.samples!.count).toBe(10);
    const { inputs, targets, batch } = data.samples!.at(0);
    expect(rows).toContainEqual([inputs.join(''), targets[0]]);
    expect(textsOf(data, batch)).toEqual([inputs.join('')]);
  });

  it('reads words and JSON Lines, and keeps the most frequent words only when told so', async () => {
    const text = '{"t": "so so good", "l": 1}\n{"t": "so bad", "l": 0}\n'.repeat(10);
    const data = await load({ kind: 'classification', data: 'r.jsonl', text: 't', label: 'l', tokens: 'spaced', vocabulary: { max: 2 } }, text);
    expect(data.vocabulary).toMatchObject({ kind: 'spaced', tokens: ['so', 'bad', '\uFFFD'], unknown: 2, labels: ['0', '1'] });
  });

  it('goes on with the vocabulary and labels of an earlier run, and tells data that changed', async () => {
    const { vocabulary } = await load(names, csv);
    const again = await load(names, csv.replace(',y\n', ',x\n'), { vocabulary });
    expect(again.vocabulary).toEqual(vocabulary);
    expect(await problem(names, csv.replace('\na,x', '\nA,x'), { vocabulary })).toMatchObject({ code: 'data-changed', message: expect.stringMatching(/n\.csv, line 2 now holds "A"/) });
    expect((await problem(names, csv.replace(',x', ',w'), { vocabulary })).message).toContain('line 2 now holds "w"');
  });

  it.each([
    ['data-empty', 'name,list\nab,x\n,y\n', 'n.csv, line 3: the sequence is empty'],
    ['data-value', 'name,list\nab,x\nb, \n', 'n.csv, line 3, column "list": the label is empty'],
    ['data-vocabulary', 'name,list\nab,x\nb,x\n', 'all rows have the same "list", "x"'],
    ['data-too-long', `name,list\n${'a'.repeat(10_001)},x\nb,y\n`, 'line 2: the sequence has 10001 tokens'],
  ])('says %s', async (code, text, message) => {
    expect(await problem(names, text)).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('refuses a batch that is larger than its training part', async () => {
    const data = await load(names, csv);
    expect(() => data.trainingBatches({ ...plan, batch: 91 })).toThrow('batch 91 is larger than the training part, which has 90 examples. Set batch to at most 90.');
  });
});

describe('batches of examples', () => {
  const lengths = Int32Array.from({ length: 1000 }, (_, i) => 1 + ((i * 7919) % 50));
  const set = { examples: Int32Array.from(lengths, (_, i) => i), lengthOf: (i: number) => lengths[i]! };

  it('hold each example once an epoch, but for a rest that differs from epoch to epoch', () => {
    const batches = bucketedBatches(set, { batch: 32, seed: 1 });
    expect(batches.perEpoch).toBe(31);
    const epoch = (number: number) => Array.from({ length: 31 }, (_, i) => [...batches.at(number * 31 + i)]).flat();
    expect(new Set(epoch(0)).size).toBe(992);
    expect(new Set([...epoch(0), ...epoch(1)]).size).toBe(1000);
    expect(epoch(0)).not.toEqual(epoch(1));
  });

  it('are a pure function of seed and step, asked in any order', () => {
    const [one, other] = [bucketedBatches(set, { batch: 32, seed: 1 }), bucketedBatches(set, { batch: 32, seed: 1 })];
    expect(one.at(70)).toEqual((other.at(3), other.at(70)));
    expect(bucketedBatches(set, { batch: 32, seed: 2 }).at(70)).not.toEqual(one.at(70));
  });

  it('are of like length, and come in no order of length', () => {
    const batches = bucketedBatches(set, { batch: 32, seed: 1 });
    const drawn = Array.from({ length: 31 }, (_, i) => Array.from(batches.at(i), set.lengthOf));
    for (const batch of drawn) expect(Math.max(...batch) - Math.min(...batch)).toBeLessThanOrEqual(3);
    const firsts = drawn.map((batch) => batch[0]!);
    expect(firsts).not.toEqual([...firsts].sort((a, b) => a - b));
  });
});

describe('the held-out choice', () => {
  it('takes its share of each group, rounded, and leaves the rest in order', () => {
    const { training, heldOut } = holdOut([...Array<number>(30).fill(7), ...Array<number>(14).fill(2), 5], 0.1);
    expect(heldOut.filter((i) => i < 30)).toHaveLength(3);
    expect(heldOut.filter((i) => i >= 30 && i < 44)).toHaveLength(1);
    expect([...training, ...heldOut].sort((a, b) => a - b)).toEqual(Array.from({ length: 45 }, (_, i) => i));
    expect([...training]).toEqual([...training].sort((a, b) => a - b));
  });
});

const tags = { kind: 'tagging', data: 't.jsonl' };
const tagged = Array.from({ length: 20 }, (_, i) => ({ tokens: ['the', 'cat', 'sat', 'on', 'it'].slice(0, 1 + (i % 5)), tags: ['D', 'N', 'V', 'P', 'N'].slice(0, 1 + (i % 5)) }));
const jsonl = tagged.map((sequence) => JSON.stringify(sequence)).join('\n');
const conll = `# newdoc\n-DOCSTART- O\n\n${tagged.map((sequence) => sequence.tokens.map((token, i) => `${token}\t${sequence.tags[i]}`).join('\r\n')).join('\r\n\r\n\r\n')}\r\n`;

describe('a tagging', () => {
  it('gives each token its tag and padding none', async () => {
    const data = await load(tags, jsonl);
    expect(data.vocabulary).toMatchObject({ kind: 'spaced', labels: ['D', 'N', 'P', 'V'] });
    expect(data.positions.training + data.positions.validation).toBe(tagged.flatMap(({ tokens }) => tokens).length);
    const { inputs, targets, lengths, steps, sequences } = data.trainingBatches(plan).at(0).batch;
    for (let b = 0; b < sequences; b++) {
      const column = (values: ArrayLike<number>) => Array.from({ length: steps }, (_, t) => values[t * sequences + b]!);
      const length = lengths![b]!;
      expect(column(inputs).slice(0, length).map((token) => data.vocabulary!.tokens[token])).toEqual(tagged[length - 1]!.tokens);
      expect(column(targets).slice(0, length).map((tag) => data.vocabulary!.labels![tag])).toEqual(tagged[length - 1]!.tags);
      expect(column(targets).slice(length).every((target) => target === -1)).toBe(true);
    }
  });

  it('reads the same from two-column CoNLL', async () => {
    const fromConll = await load({ ...tags, data: 't.conll' }, conll);
    const fromJson = await load(tags, jsonl);
    expect(fromConll.trainingBatches(plan).at(2)).toEqual(fromJson.trainingBatches(plan).at(2));
    expect(fromConll.vocabulary).toEqual(fromJson.vocabulary);
  });

  it('knows what a model without context costs', async () => {
    const text = [...Array<string>(30).fill('{"tokens": ["a", "b"], "tags": ["X", "X"]}'), ...Array<string>(30).fill('{"tokens": ["a", "b"], "tags": ["Y", "X"]}')].join('\n');
    const { references } = await load({ ...tags, validation: 0 }, text);
    const losses = references.map(({ loss }) => loss);
    expect(losses[0]).toBeCloseTo(Math.LN2);
    expect(losses[1]).toBeCloseTo(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25));
    // "b" is always X, "a" is either.
    expect(losses[2]).toBeCloseTo(Math.LN2 / 2);
  });

  it.each([
    ['t.jsonl', '{"tokens": ["a", "b"], "tags": ["X"]}', 't.jsonl, line 1 has 2 tokens and 1 tags'],
    ['t.jsonl', '{"tokens": ["a"], "tags": ["X"]}\n{"tokens": ["a"]}', 't.jsonl, line 2: "tags" is missing'],
    ['t.jsonl', '{"tokens": "a", "tags": ["X"]}', 't.jsonl, line 1: "tokens" is no list of texts'],
    ['t.conll', 'a X\nb\n', 't.conll, line 2 has 1 column: a line holds a token and its tag'],
    ['t.conll', 'a X Y\n', 't.conll, line 1 has 3 columns'],
    ['t.conll', '\n\n', 't.conll has no sequences'],
    ['t.jsonl', '{"tokens": ["a", "b"], "tags": ["X", "X"]}', 'all tokens have the same tag, "X"'],
    ['t.jsonl', '{"tokens": [], "tags": []}\n{"tokens": ["a", "b"], "tags": ["X", "Y"]}', 't.jsonl, line 1: the sequence is empty'],
    ['t.jsonl', '{"tokens": [], "tags": []}', 't.jsonl, line 1: the sequence is empty'],
    ['t.conll', 'a X\nb Y\n'.repeat(5001), 't.conll, line 1: the sequence has 10002 tokens; at most 10000 can be learnt at once. Cut it into several.'],
  ])('says what is wrong with %s, case %#', async (data, text, message) => {
    expect((await problem({ ...tags, data }, text)).message).toContain(message);
  });
});
