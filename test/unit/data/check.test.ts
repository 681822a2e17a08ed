import { describe, expect, it } from 'vitest';
import { checkSpec } from '../../../src/data/check';
import { nearestPath } from '../../../src/data/problems';
import { mark, marked } from '../markers';
import { memoryFiles } from './files';

const alphabet = 'abcdefghijklmnopqrstuvwxyz';
const spec = (data: string, rest: string, layer = '{ "cell": "lstm", "units": 8 }') =>
  `{ "version": 1, "name": "m", "task": { "kind": "language-model", "data": ${data}, "tokens": "char" }, "model": { "layers": [${layer}] }${rest} }`;
const fits = ', "training": { "batch": 2, "window": 4 }';

async function check(source: string, files: Record<string, string | Uint8Array>) {
  const { text } = marked(source);
  const checked = await checkSpec(text, memoryFiles(files));
  expect(mark(text, checked.problems.map(({ range }) => range))).toBe(source);
  return { ...checked, problem: checked.problems[0]! };
}

describe('data problems', () => {
  it('are none when spec and data fit, and the facts are told', async () => {
    const { problems, facts } = await check(spec('"a.txt"', fits), { 'a.txt': alphabet });
    expect(problems).toEqual([]);
    expect(facts).toMatchObject({ sizes: { outputs: 26 }, text: { length: 26, training: 23 } });
  });

  it('point at the path of a missing file and suggest the one that was meant', async () => {
    const { problem } = await check(spec('<|"moby.txt"|>', fits), { 'data/moby.txt': alphabet });
    expect(problem).toMatchObject({ code: 'data-missing', message: expect.stringMatching(/moby\.txt does not exist.*Did you mean "data\/moby\.txt"\?/), suggestion: { text: '"data/moby.txt"' } });
  });

  it('point at the one path of a list that is wrong', async () => {
    const { problem } = await check(spec('["a.txt", <|"empty.txt"|>]', fits), { 'a.txt': alphabet, 'empty.txt': '' });
    expect(problem.code).toBe('data-empty');
  });

  it.each([
    ['data-binary', Uint8Array.of(65, 0, 66)],
    ['data-encoding', Uint8Array.of(65, 0xff, 66)],
    ['data-vocabulary', 'aaaa'],
  ])('say %s at the path', async (code, content) => {
    expect((await check(spec('<|"a.txt"|>', fits), { 'a.txt': content })).problem.code).toBe(code);
  });

  it('point at the window that is longer than the text', async () => {
    expect((await check(spec('"a.txt"', ', "training": { "batch": 1, "window": <|500|> }'), { 'a.txt': alphabet })).problem.code).toBe('data-too-short');
  });

  it('point at the batch that the text cannot feed', async () => {
    expect((await check(spec('"a.txt"', ', "training": { "batch": <|50|>, "window": 4 }'), { 'a.txt': alphabet })).problem.code).toBe('data-batch-too-big');
  });

  it('point at the data when the window that does not fit is the default', async () => {
    expect((await check(spec('<|"a.txt"|>', ''), { 'a.txt': alphabet })).problem.code).toBe('data-too-short');
  });

  it('warn of a sample with characters that the data lack', async () => {
    const { problem } = await check(spec('"a.txt"', `${fits}, "inspect": { "text": <|"abC"|> }`), { 'a.txt': alphabet });
    expect(problem).toMatchObject({ severity: 'warning', code: 'data-unknown-token', message: expect.stringContaining('"C"') });
  });

  it('include the connection sizes that only the data decide', async () => {
    const source = spec('"a.txt"', fits, '{ "cell": "lstm", "units": <|8|>, "connection": "residual" }');
    expect((await check(source, { 'a.txt': alphabet })).problem.message).toContain('input size 26');
  });

  it('are not looked for while the spec is wrong', async () => {
    const { problems, facts } = await checkSpec('{', memoryFiles({}));
    expect(problems.map(({ code }) => code)).toEqual(['syntax']);
    expect(facts).toBeUndefined();
  });

});

describe('the file that was probably meant', () => {
  const existing = ['notes.md', 'data/moby-dick.txt', 'data/ulysses.txt'];
  it.each([
    ['moby-dick.txt', 'data/moby-dick.txt'],
    ['data/moby-dik.txt', 'data/moby-dick.txt'],
    ['texts/ulises.txt', 'data/ulysses.txt'],
    ['weather.csv', undefined],
  ])('for %s is %s', (path, meant) => {
    expect(nearestPath(path, existing)).toBe(meant);
  });
});
