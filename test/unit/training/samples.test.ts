import { describe, expect, it } from 'vitest';
import { loadData } from '../../../src/data/load';
import { storedData } from '../../../src/data/stored';
import type { TaskData } from '../../../src/data/task';
import type { Engine } from '../../../src/engine/engine';
import { initialParameters } from '../../../src/engine/initialise';
import { flowByLag } from '../../../src/shared/flow';
import type { SampleChoice, SampleTrace } from '../../../src/shared/run';
import { architectureOf, type Architecture } from '../../../src/spec/architecture';
import { specSchema } from '../../../src/spec/schema';
import { sampleContext, type SampleContext } from '../../../src/training/samples/context';
import { chooseSample, traceSample } from '../../../src/training/samples/traceSample';
import { softmax } from '../../../src/training/sampling';
import { translateText } from '../../../src/training/translate';
import { engines } from '../../engines';
import { memoryFiles } from '../data/files';

const names = ['anna,girl', 'bert,boy', 'clara,girl', 'dirk,boy', 'eva,girl', 'fritz,boy', 'greta,girl', 'hans,boy', 'ida,girl', 'jan,boy'];
const files = memoryFiles({
  'text.txt': 'abcde edcba '.repeat(200),
  'names.csv': `name,sex\n${names.join('\n')}\n`,
  'tags.jsonl': Array.from({ length: 10 }, (_, i) => JSON.stringify({ tokens: ['the', 'cat', 'runs'].slice(0, 2 + (i % 2)), tags: ['D', 'N', 'V'].slice(0, 2 + (i % 2)) })).join('\n'),
  'days.csv': `warm,wind\n${Array.from({ length: 600 }, (_, i) => `${(10 + 5 * Math.sin(i / 9)).toFixed(2)},${i % 7}`).join('\n')}\n`,
  'pairs.tsv': `word\tcapitals\n${['ab', 'ba', 'aab', 'abb', 'bab', 'bba', 'aaab', 'abba', 'a', 'b'].map((word) => `${word}\t${[...word.toUpperCase()].join(' ')}`).join('\n')}\n`,
});
const plain = { layers: [{ cell: 'lstm', units: 5 }, { cell: 'gru', units: 4 }] };
const tasks = {
  text: [{ kind: 'language-model', data: 'text.txt', tokens: 'char' }, plain],
  names: [{ kind: 'classification', data: 'names.csv', text: 'name', label: 'sex', tokens: 'char', validation: 0.4 }, { layers: [{ cell: 'gru', units: 4, bidirectional: true }] }],
  tags: [{ kind: 'tagging', data: 'tags.jsonl', validation: 0.3 }, plain],
  days: [{ kind: 'forecast', data: 'days.csv', inputs: ['warm', 'wind'], targets: ['warm'], horizon: 2, validation: 0.4 }, plain],
  pairs: [{ kind: 'translation', data: 'pairs.tsv', source: 'word', target: 'capitals', tokens: { source: 'char', target: 'spaced' }, validation: 0.3 }, { encoder: { layers: [{ cell: 'gru', units: 4 }] }, decoder: { layers: [{ cell: 'gru', units: 4 }] } }],
  recall: [{ kind: 'synthetic', problem: 'recall', length: 12, lag: 3 }, plain],
  adding: [{ kind: 'synthetic', problem: 'adding', length: 12 }, plain],
  brackets: [{ kind: 'synthetic', problem: 'brackets', length: 12, lag: 6 }, plain],
} as const;
type TaskName = keyof typeof tasks;

interface Bench {
  readonly engine: Engine;
  readonly data: TaskData;
  readonly context: SampleContext;
  look(choice: SampleChoice): SampleTrace;
}

/** A task's data with a network at its initial weights. */
async function bench(name: TaskName, create: (architecture: Architecture) => Promise<Engine> = engines[0]!.create): Promise<Bench> {
  const [task, model] = tasks[name];
  const spec = specSchema.parse({ version: 1, name, task, model });
  const data = await loadData(spec.task, files);
  const architecture = architectureOf(spec, data.sizes);
  const engine = await create(architecture);
  engine.setParameters(initialParameters(architecture, 3));
  const context = sampleContext(spec.task, storedData(data));
  return { engine, data, context, look: (choice) => traceSample({ engine, data, context, choice, step: 12, now: () => performance.now() }) };
}

const heldOut = (index: number): SampleChoice => ({ kind: 'held-out', index });
const typed = (text: string): SampleChoice => ({ kind: 'text', text });
const numbers = (trace: SampleTrace, name: string): number[] => Array.from(trace.tensors.get(name)?.data ?? [], Number);

describe.each(engines)('a sample traced with the $name engine', ({ create }) => {
  it.each(Object.keys(tasks) as TaskName[])('has a label, target and loss for every position of the task %s', async (name) => {
    const { data, engine, look } = await bench(name, create);
    const trace = look(heldOut(1));
    const { batch, inputs } = data.samples!.at(1);
    expect(trace.tokens).toEqual(inputs);
    for (const column of [trace.targets, trace.losses, trace.predictions]) expect(column).toHaveLength(batch.steps);
    trace.losses.forEach((loss, t) => expect(loss === null, `position ${t}`).toBe(trace.targets[t] === ''));
    // The mean of the shown losses is the loss that evaluation finds, up to the engine's precision.
    const shown = trace.losses.filter((loss) => loss !== null);
    const { sum, positions } = engine.evaluate(batch);
    expect(shown).toHaveLength(positions);
    expect(shown.reduce((total, loss) => total + loss, 0) / sum).toBeCloseTo(1, 5);
    expect(trace.sample).toMatchObject({ choice: heldOut(1), heldOut: data.samples!.count, sentence: expect.stringMatching(/ 2 of \d/) });
    expect([...trace.tensors.keys()].filter((key) => key.startsWith('grad.param.'))).toEqual([]);
  });

  it('shows what a text model reads and should predict next, and lets no loss come from the last position', async () => {
    const trace = (await bench('text', create)).look(typed('abcde'));
    expect(trace).toMatchObject({ step: 12, answer: 'next', tokens: [...'abcde'], targets: [...'bcde', ''], sample: { text: 'abcde' } });
    expect(trace.layers).toMatchObject([{ prefix: 'layer0', cell: 'lstm', units: 5, directions: ['forward'], connection: 'none' }, { prefix: 'layer1', cell: 'gru', units: 4 }]);
    expect(trace.tensors.get('layer0.forward.gate.forget')?.shape).toEqual([5, 1, 5]);
    const flow = numbers(trace, 'layer0.forward.flow');
    expect(flow[15]).toBeGreaterThan(0);
    expect(flow.slice(20)).toEqual([NaN, NaN, NaN, NaN, NaN]);
  });

  it('predicts with the probabilities of the logits', async () => {
    const trace = (await bench('text', create)).look(typed('abcde'));
    const kinds = numbers(trace, 'output.logits').length / 5;
    const best = [...softmax(numbers(trace, 'output.logits').slice(0, kinds))].sort((a, b) => b - a).slice(0, 3);
    expect(trace.predictions[0]!.map(({ probability }) => probability)).toEqual(best);
  });

  it('has one loss, at its last step, for a classification', async () => {
    const { look, data } = await bench('names', create);
    const trace = look(heldOut(0));
    const label = data.samples!.at(0).targets[0]!;
    expect(trace).toMatchObject({ answer: 'end', sample: { sentence: `Held-out example 1 of 4, labelled "${label}".`, text: trace.tokens.join('') } });
    expect(trace.losses.filter((loss) => loss !== null)).toEqual([trace.losses.at(-1)]);
    expect(trace.targets.at(-1)).toBe(label);
    const right = trace.predictions.at(-1)!.find(({ token }) => token === label)!;
    expect(Math.exp(-trace.losses.at(-1)!)).toBeCloseTo(right.probability, 5);
    expect(trace.tensors.get('layer0.reverse.flow')?.shape).toEqual([1, trace.tokens.length]);
  });

  it('takes the most probable answers of the model where a typed text leaves them open, and says so', async () => {
    const { look } = await bench('names', create);
    const trace = look(typed('ada'));
    expect(trace.targets.at(-1)).toBe(trace.predictions.at(-1)![0]!.token);
    expect(trace.sample.sentence).toBe(`A typed text. Its right label is unknown: the loss is that of the model’s own most probable one, "${trace.targets.at(-1)}".`);
    const tagged = (await bench('tags', create)).look(typed('the cat'));
    expect(tagged.targets).toEqual(tagged.predictions.map(([best]) => best!.token));
    expect(tagged.losses.every((loss) => loss !== null && loss < Math.log(3))).toBe(true);
  });

  it('takes the right answer that stands behind a tab', async () => {
    expect((await bench('names', create)).look(typed('ada\tgirl'))).toMatchObject({ sample: { sentence: 'A typed text, labelled "girl".' }, targets: ['', '', 'girl'] });
    expect((await bench('tags', create)).look(typed('the cat\tN V')).targets).toEqual(['N', 'V']);
    expect((await bench('pairs', create)).look(typed('ab\tA B'))).toMatchObject({ source: ['a', 'b'], tokens: ['⟨start⟩', 'A', 'B'], targets: ['A', 'B', '⟨end⟩'] });
  });

  it('translates a typed source to have a target, and says so', async () => {
    const { look, engine, context } = await bench('pairs', create);
    const trace = look(typed('abb'));
    const words = context.words!;
    if (words.kind !== 'translation') throw new Error('not a translation');
    expect(trace.source).toEqual(['a', 'b', 'b']);
    expect(trace.targets.slice(0, -1).join(' ')).toBe(translateText(engine, 'abb', words, { width: 1, length: 56, alpha: 0 }));
    expect(trace.sample.sentence).toContain('Its right translation is unknown');
    expect(trace).toMatchObject({ answer: 'next', layers: [{ prefix: 'encoder.layer0', reads: 'source' }, { prefix: 'decoder.layer0', reads: 'tokens' }] });
  });

  it('holds both stacks of a translation, each on its own steps', async () => {
    const { tensors, source, tokens, losses } = (await bench('pairs', create)).look(typed('abba\tA B B A'));
    expect([source?.length, tokens.length]).toEqual([4, 5]);
    expect(tensors.get('encoder.layer0.forward.gate.update')?.shape).toEqual([4, 1, 4]);
    expect(tensors.get('decoder.layer0.forward.grad.h')?.shape).toEqual([5, 1, 4]);
    expect(tensors.get('encoder.layer0.forward.flow')?.shape).toEqual([5, 4]);
    expect(tensors.get('decoder.layer0.forward.flow')?.shape).toEqual([5, 5]);
    expect(losses).not.toContain(null);
  });

  it('shows the values of a forecast in their own unit, with their columns and rows', async () => {
    const trace = (await bench('days', create)).look(heldOut(0));
    const lines = Array.from({ length: 600 }, (_, i) => [Number((10 + 5 * Math.sin(i / 9)).toFixed(2)), i % 7]);
    expect(trace.tokens.slice(0, 3)).toEqual(lines.slice(360, 363).map((line) => line.join(' · ')));
    expect(trace.targets[0]).toBe(String(lines[362]![0]));
    expect(trace.values).toMatchObject({ inputs: ['warm', 'wind'], outputs: ['warm'] });
    expect(trace.sample.sentence).toBe('Held-out stretch 1 of 2, rows 361 to 456: reads warm, wind; answers warm 2 rows ahead.');
    expect(trace.sample.text).toBeUndefined();
    expect(trace.tensors.get('sample.inputs')?.shape).toEqual([96, 1, 2]);
    // A squared error in units of the deviation: from the answer and the target as they are shown, to five digits.
    const deviation = Math.sqrt(trace.losses[0]!) / Math.abs(Number(trace.values!.answers[0]) - Number(trace.targets[0]));
    expect(Math.sqrt(trace.losses[5]!) / Math.abs(Number(trace.values!.answers[5]) - Number(trace.targets[5]))).toBeCloseTo(deviation, 2);
  });

  it('names the true lag of a synthetic problem, and marks positions without a loss as such', async () => {
    const recall = (await bench('recall', create)).look(heldOut(4));
    expect(recall.sample.sentence).toBe('Fresh sequence 5 of 512 of the problem "recall"; the true lag is 3.');
    expect(recall.targets).toEqual(['', '', '', ...recall.tokens.slice(0, 9)]);
    const adding = (await bench('adding', create)).look(heldOut(0));
    expect(adding.tokens.filter((token) => token.endsWith('*'))).toHaveLength(2);
    expect(adding.values).toMatchObject({ inputs: ['value', 'mark'], outputs: ['sum'] });
    const flow = adding.tensors.get('layer0.forward.flow')!;
    const byLag = flowByLag({ losses: 'every-step', rows: 12, columns: 12, data: Float64Array.from(flow.data, Number) }, 'forward');
    expect([...byLag].reverse()).toEqual(numbers(adding, 'layer0.forward.flow').slice(132));
  });

  it('reads an own text of the symbols of a synthetic problem', async () => {
    expect((await bench('brackets', create)).look(typed('([])'))).toMatchObject({ answer: 'next', targets: ['[', ']', ')', ''] });
    expect((await bench('recall', create)).look(typed('abcabc'))).toMatchObject({ answer: 'here', losses: expect.not.arrayContaining([null]) });
  });
});

describe('a sample that cannot be traced', () => {
  it.each<[TaskName, SampleChoice, string]>([
    ['text', typed('a'), 'needs at least two tokens'],
    ['text', typed('ab'.repeat(1025)), '2050 timesteps; at most 2048 can be inspected'],
    ['text', typed('abz'), '"z"'],
    ['names', typed(''), 'The sample is empty'],
    ['names', typed('ada\tcat'), '"cat" is not one of the 2 labels: boy, girl'],
    ['names', heldOut(4), 'There is no sample 5: they are numbered from 1 to 4.'],
    ['names', heldOut(-1), 'There is no sample 0'],
    ['names', heldOut(0.5), 'There is no sample'],
    ['tags', typed('the cat\tD'), '2 tokens, but 1 tags behind the tab'],
    ['tags', typed('the dog'), '"dog"'],
    ['days', typed('12 13'), 'A sample of the task "forecast" cannot be typed'],
    ['days', heldOut(2), 'There is no sample 3: they are numbered from 1 to 2.'],
    ['pairs', typed(' '), '" "'],
    ['pairs', typed(''), 'nothing to translate'],
    ['pairs', typed('abq'), '"q"'],
    ['pairs', typed('ab\tQ'), '"Q"'],
    ['adding', typed('ab'), 'cannot be typed'],
  ])('of the task %s, %j, is refused with a reason', async (name, choice, reason) => {
    const { engine, data, context } = await bench(name);
    expect(() => chooseSample({ engine, data, context, choice })).toThrow(reason);
  });
});
