import { describe, expect, it } from 'vitest';
import { checkSpec } from '../../../src/data/check';
import { mark, marked } from '../markers';
import { memoryFiles } from './files';

/** A spec with this task; `<|…|>` marks where problems are expected. */
const spec = (task: string, training = '{ "batch": 2, "window": 4 }') => `{ "version": 1, "name": "m", "task": ${task}, "model": { "layers": [{ "cell": "gru", "units": 4 }] }, "training": ${training} }`;
const whole = '{ "batch": 2 }';

async function check(source: string, files: Record<string, string> = {}) {
  const { text } = marked(source);
  const checked = await checkSpec(text, memoryFiles(files));
  expect(mark(text, checked.problems.map(({ range }) => range))).toBe(source);
  return { ...checked, problem: checked.problems[0]! };
}

const names = 'name,list\nAda,x\nBob,y\nCyd,x\nDan,y\nEve,x\nFay,y\n';
const classification = (columns = '"text": "name", "label": "list"') => `{ "kind": "classification", "data": "n.csv", ${columns}, "tokens": "char" }`;
const weather = `time,warm,wet\n${Array.from({ length: 30 }, (_, hour) => `${hour},${hour % 7},0`).join('\n')}\n`;
const forecast = (columns = '"inputs": ["warm", "wet"], "targets": ["warm"]') => `{ "kind": "forecast", "data": "w.csv", ${columns} }`;

describe('problems of tables', () => {
  it('are none when spec and data fit, and the sizes are told', async () => {
    expect((await check(spec(classification(), whole), { 'n.csv': names })).facts).toMatchObject({ sizes: { outputs: 2, loss: 'class' }, examples: 6 });
    expect((await check(spec(forecast()), { 'w.csv': weather })).facts).toMatchObject({ sizes: { input: { kind: 'values', features: 2 }, outputs: 1 }, rows: 26 });
  });

  it('point at the column that is missing and offer the one that was meant', async () => {
    const { problem } = await check(spec(classification('"text": "name", "label": <|"lisst"|>'), whole), { 'n.csv': names });
    expect(problem).toMatchObject({ code: 'data-column', message: expect.stringContaining('Did you mean "list"?'), suggestion: { text: '"list"' } });
    await check(spec(forecast('"inputs": ["warm", <|"damp"|>], "targets": ["warm"]')), { 'w.csv': weather });
  });

  it('point at the data file for what is wrong inside it, with its line', async () => {
    const { problem } = await check(spec('{ "kind": "forecast", "data": <|"w.csv"|>, "inputs": ["warm"], "targets": ["warm"] }'), { 'w.csv': weather.replace('3,3,0', '3,three,0') });
    expect(problem).toMatchObject({ code: 'data-value', message: 'w.csv, line 5, column "warm": "three" is not a number. Mend it, or remove the row.' });
  });

  it('point at a missing file', async () => {
    expect((await check(spec('{ "kind": "forecast", "data": <|"a.csv"|>, "inputs": ["x"], "targets": ["y"] }'))).problem.code).toBe('data-missing');
  });

  it('point at the batch or window that is too large', async () => {
    await check(spec(classification(), '{ "batch": <|7|> }'), { 'n.csv': names });
    await check(spec(forecast(), '{ "batch": 2, "window": <|27|> }'), { 'w.csv': weather });
    await check(spec(forecast(), '{ "batch": <|7|>, "window": 4 }'), { 'w.csv': weather });
  });

  it('are found in the pairs of a translation', async () => {
    const task = '{ "kind": "translation", "data": "n.csv", "source": "name", "target": <|"sound"|>, "tokens": "char" }';
    const source = spec(task, whole).replace('"layers": [{ "cell": "gru", "units": 4 }]', '"encoder": { "layers": [{ "cell": "gru", "units": 4 }] }, "decoder": { "layers": [{ "cell": "gru", "units": 4 }] }');
    expect((await check(source, { 'n.csv': names })).problem.code).toBe('data-column');
  });

  it('warn of a window and a carried state that have no effect on whole sequences', async () => {
    const { problems } = await check(spec(classification(), '{ "batch": 2, <|"window"|>: 4, <|"stateful"|>: true }'), { 'n.csv': names });
    expect(problems.map(({ severity, code }) => [severity, code])).toEqual([['warning', 'no-effect'], ['warning', 'no-effect']]);
  });
});

describe('problems of synthetic tasks', () => {
  it('are none when length and lag fit, and the sizes are told', async () => {
    const { facts } = await check(spec('{ "kind": "synthetic", "problem": "copy", "length": 50, "lag": 30 }', whole));
    expect(facts).toMatchObject({ sizes: { input: { vocabulary: 10 }, outputs: 9, loss: 'tokens' } });
  });

  it.each(['{ "kind": "synthetic", "problem": "copy", "length": <|40|>, "lag": 30 }', '{ "kind": "synthetic", "problem": "recall", "length": 40, "lag": <|40|> }'])('point at what does not fit: %s', async (task) => {
    expect((await check(spec(task, whole))).problem).toMatchObject({ severity: 'error', code: 'synthetic-size' });
  });
});
