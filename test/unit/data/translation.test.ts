import { describe, expect, it } from 'vitest';
import { loadData } from '../../../src/data/load';
import { parseStoredData } from '../../../src/data/parseStored';
import { formatStoredData, loadOptionsOf, sizesOfStored } from '../../../src/data/stored';
import { loadTranslation, type TranslationBatch, type TranslationData, type TranslationTask } from '../../../src/data/translation';
import { specSchema } from '../../../src/spec/schema';
import { memoryFiles } from './files';

const plan = { batch: 4, window: 8, seed: 1, stateful: true };
const taskOf = (rest: object = {}) =>
  specSchema.parse({
    version: 1,
    name: 'm',
    task: { kind: 'translation', data: 'p.tsv', source: 'word', target: 'sounds', tokens: { source: 'char', target: 'spaced' }, ...rest },
    model: { encoder: { layers: [{ cell: 'lstm', units: 4 }] }, decoder: { layers: [{ cell: 'lstm', units: 4 }] } },
  }).task as TranslationTask;

/** 40 words; each letter has one sound, and every fourth word a second pronunciation. */
const words = Array.from({ length: 40 }, (_, i) => `${'abcdefgh'[i % 8]}${'ijklm'[i % 5]}${'nop'.slice(0, i % 4)}`);
const sounds = (word: string) => Array.from(word, (letter) => `${letter.toUpperCase()}H`).join(' ');
const tsv = `word\tsounds\n${words.flatMap((word, i) => [`${word}\t${sounds(word)}`, ...(i % 4 === 0 ? [`${word}\t${sounds(word)} XH`] : [])]).join('\n')}\n`;
const load = (rest: object = {}, options = {}): Promise<TranslationData> => loadTranslation(taskOf(rest), memoryFiles({ 'p.tsv': tsv }), options);

/** Sequences of a batch in words; checks what padding holds. */
function read({ vocabularies, start, end }: TranslationData, batch: TranslationBatch) {
  const { sequences, source, sourceLengths, sourceSteps, targetInputs, targets, targetLengths, targetSteps } = batch;
  expect(Math.max(...sourceLengths)).toBe(sourceSteps);
  expect(Math.max(...targetLengths)).toBe(targetSteps);
  const target = (number: number) => (number === start ? '<start>' : number === end ? '<end>' : vocabularies.target.tokens[number]!);
  return Array.from({ length: sequences }, (_, b) => {
    const column = (values: Int32Array, steps: number) => Array.from({ length: steps }, (_, t) => values[t * sequences + b]!);
    const [length, targetLength] = [sourceLengths[b]!, targetLengths[b]!];
    expect(column(source, sourceSteps).slice(length).every((token) => token === 0)).toBe(true);
    expect(column(targetInputs, targetSteps).slice(targetLength).every((token) => token === 0)).toBe(true);
    expect(column(targets, targetSteps).slice(targetLength).every((token) => token === -1)).toBe(true);
    return {
      word: column(source, sourceSteps).slice(0, length).map((token) => vocabularies.source.tokens[token]).join(''),
      reads: column(targetInputs, targetSteps).slice(0, targetLength).map(target),
      writes: column(targets, targetSteps).slice(0, targetLength).map(target),
    };
  });
}

describe('a translation', () => {
  it('has a vocabulary for each side, start and end behind the target', async () => {
    const { vocabularies, start, end, sizes } = await load();
    expect(vocabularies.source).toMatchObject({ kind: 'char', tokens: [...'abcdefghijklmnop'] });
    expect(vocabularies.target.kind).toBe('spaced');
    expect([...vocabularies.target.tokens].sort()).toEqual([...'ABCDEFGHIJKLMNOPX'].map((letter) => `${letter}H`));
    expect([start, end, sizes]).toEqual([17, 18, { source: 16, target: 19 }]);
  });

  it('makes the decoder read the start and the target, and write the target and the end', async () => {
    const data = await load();
    const batches = data.trainingBatches(plan);
    const pairs = Array.from({ length: batches.perEpoch }, (_, step) => read(data, batches.at(step))).flat();
    for (const { word, reads, writes } of pairs) {
      const target = [sounds(word).split(' '), [...sounds(word).split(' '), 'XH']].find(({ length }) => length === writes.length - 1)!;
      expect(reads).toEqual(['<start>', ...target]);
      expect(writes).toEqual([...target, '<end>']);
    }
    expect(pairs).toHaveLength(batches.perEpoch * 4);
  });

  it('keeps all pairs of a source on one side, so that no held-out source was ever read', async () => {
    const data = await load({ validation: 0.25 });
    const batches = data.trainingBatches({ ...plan, batch: 1 });
    const trained = new Set(Array.from({ length: batches.perEpoch }, (_, step) => read(data, batches.at(step))[0]!.word));
    const heldOut = [...data.validationBatches(plan)].flatMap((batch) => read(data, batch).map(({ word }) => word));
    expect(new Set(heldOut).size).toBe(10);
    expect(trained.size).toBe(30);
    expect(heldOut.filter((word) => trained.has(word))).toEqual([]);
    expect(data.pairs.count).toBe(heldOut.length);
  });

  it('makes a batch of one pair', async () => {
    const data = await load();
    const pair = data.pairs.at(0);
    const [only] = read(data, data.batchOf(pair));
    expect(only!.word).toBe(Array.from(pair.source, (token) => data.vocabularies.source.tokens[token]).join(''));
    expect(only!.writes).toHaveLength(pair.target.length + 1);
  });

  it('knows what guessing costs, the end among what is guessed', async () => {
    const data = await load({ validation: 0 });
    expect(data.references[0]!.loss).toBeCloseTo(Math.log(18));
    expect(data.references[1]!.loss).toBeLessThan(Math.log(18));
    expect(data.positions.training).toBe(words.reduce((sum, word, i) => sum + word.length + 1 + (i % 4 === 0 ? word.length + 2 : 0), 0));
  });

  it('keeps both vocabularies with the run, and goes on with them', async () => {
    const { vocabularies } = await load();
    const stored = parseStoredData(formatStoredData(vocabularies));
    expect(stored).toEqual(vocabularies);
    expect((await load({}, loadOptionsOf(stored))).vocabularies).toEqual(vocabularies);
    const { sizes } = await loadData(taskOf(), memoryFiles({ 'p.tsv': tsv }));
    expect(sizesOfStored(taskOf(), stored)).toEqual(sizes);
  });

  it('uses one kind of token for both sides when told one', async () => {
    const { vocabularies } = await load({ tokens: 'char' });
    expect(vocabularies.target.kind).toBe('char');
    expect(vocabularies.target.tokens).toContain(' ');
  });

  it('is data as those of any task, each batch with its source and from an empty state', async () => {
    const [own, task] = [await load(), await loadData(taskOf(), memoryFiles({ 'p.tsv': tsv }))];
    expect(task.sizes).toEqual({ input: { kind: 'tokens', vocabulary: 19 }, outputs: 19, loss: 'tokens', sourceVocabulary: 16 });
    const { targetSteps, targetInputs, sourceSteps, source, sourceLengths } = own.trainingBatches(plan).at(3);
    const { state, batch } = task.trainingBatches(plan).at(3);
    expect(state).toBe('reset');
    expect(batch).toMatchObject({ steps: targetSteps, inputs: targetInputs, source: { steps: sourceSteps, inputs: source, lengths: sourceLengths } });
    expect([...task.validationBatches(plan)]).toHaveLength([...own.validationBatches(plan)].length);
  });
});
