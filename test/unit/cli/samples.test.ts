import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../../src/shared/safetensors';

/** The built program; `npm run build` makes it. */
const program = join(process.cwd(), 'dist', 'cli.js');

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

let folder = '';
const unroll = (...args: string[]): Promise<Ended> =>
  new Promise((resolve) => execFile(process.execPath, [program, ...args], { cwd: folder, env: { ...process.env, UNROLL_DEBUG: '' } }, (error, stdout, stderr) => resolve({ status: error ? Number(error.code) : 0, stdout, stderr })));

/** Loss and flow of what `unroll trace` wrote, with what the file says of its timesteps. */
async function traced(name: string, ...args: string[]) {
  const out = join(folder, `${name}.safetensors`);
  const { status, stdout, stderr } = await unroll('trace', `${name}.rnn.json`, '--out', out, '--json', ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const { tensors, metadata } = decodeSafetensors(readFileSync(out));
  const list = (key: string): string[] => JSON.parse(metadata[key] ?? '[]') as string[];
  return { summary: JSON.parse(stdout) as { sample: string; steps: number; sequences: number; loss: number }, tensors, tokens: list('tokens'), targets: list('targets'), source: list('source') };
}

const letters = 'abcd';
const words = Array.from({ length: 64 }, (_, i) => [i, i >> 2, i >> 4].slice(0, 2 + (i % 2)).map((digit) => letters[digit % 4]).join(''));
const plain = { layers: [{ cell: 'gru', units: 6 }] };
const specs = {
  capitals: [{ kind: 'translation', data: 'pairs.tsv', source: 'word', target: 'capitals', tokens: { source: 'char', target: 'spaced' } }, { encoder: plain, decoder: plain }],
  vowels: [{ kind: 'classification', data: 'words.csv', text: 'word', label: 'begins', tokens: 'char' }, plain],
  waves: [{ kind: 'forecast', data: 'waves.csv', inputs: ['height', 'wind'], targets: ['height'], horizon: 3 }, plain],
  recall: [{ kind: 'synthetic', problem: 'recall', length: 20, lag: 4 }, plain],
} as const;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'unroll-cli-'));
  writeFileSync(join(folder, 'pairs.tsv'), `word\tcapitals\n${words.map((word) => `${word}\t${[...word.toUpperCase()].join(' ')}`).join('\n')}\n`);
  writeFileSync(join(folder, 'words.csv'), `word,begins\n${words.map((word) => `${word},${word.startsWith('a') ? 'vowel' : 'consonant'}`).join('\n')}\n`);
  writeFileSync(join(folder, 'waves.csv'), `height,wind\n${Array.from({ length: 400 }, (_, i) => `${(2 + Math.sin(i / 5)).toFixed(3)},${i % 5}`).join('\n')}\n`);
  for (const [name, [task, model]] of Object.entries(specs)) {
    writeFileSync(join(folder, `${name}.rnn.json`), JSON.stringify({ version: 1, name, task, model, training: { batch: 8, window: 10, steps: 5 } }));
    expect(await unroll('train', `${name}.rnn.json`)).toMatchObject({ status: 0, stderr: '' });
  }
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('unroll trace without a batch', () => {
  it('takes the first held-out sample of the task, or another by its number', async () => {
    const first = await traced('vowels');
    expect(first.summary.sample).toMatch(/^Held-out example 1 of 7, labelled "(vowel|consonant)"\.$/);
    expect(first.targets).toEqual([first.tokens[0] === 'a' ? 'vowel' : 'consonant']);
    expect(first.tensors.get('layer0.forward.flow')!.shape).toEqual([1, first.tokens.length]);
    const second = await traced('vowels', '--sample', '2');
    expect(second.summary.sample).toContain('example 2 of 7');
    expect(second.tokens).not.toEqual(first.tokens);
  });

  it('shows a forecast the values of its held-out rows', async () => {
    const { summary, tokens, targets, tensors } = await traced('waves', '--precision', 'f64');
    expect(summary.sample).toBe('Held-out stretch 1 of 1, rows 361 to 397: reads height, wind; answers height 3 rows ahead.');
    expect(tokens[0]).toBe(`${Number((2 + Math.sin(72)).toFixed(3))} · 0`);
    expect(targets[0]).toBe(String(Number((2 + Math.sin(362 / 5 + 0.2)).toFixed(3))));
    const losses = Array.from(tensors.get('loss.position')!.data, Number);
    expect(losses.reduce((sum, loss) => sum + loss, 0) / losses.length).toBeCloseTo(summary.loss, 12);
  });

  it('draws a fresh sequence of a synthetic problem', async () => {
    const { summary, tokens, targets } = await traced('recall', '--sample', '7');
    expect(summary.sample).toBe('Fresh sequence 7 of 512 of the problem "recall"; the true lag is 4.');
    expect(targets).toEqual(['', '', '', '', ...tokens.slice(0, 16)]);
  });

  it('reads a pair of a translation, or a typed source with what the model makes of it', async () => {
    const pair = await traced('capitals');
    expect(pair.targets).toEqual([...pair.source.map((letter) => letter.toUpperCase()), '⟨end⟩']);
    expect(pair.tokens).toEqual(['⟨start⟩', ...pair.targets.slice(0, -1)]);
    expect(pair.tensors.get('output.logits')!.shape[0]).toBe(pair.targets.length);
    const typed = await traced('capitals', '--text', 'abba');
    expect(typed.source).toEqual([...'abba']);
    expect(typed.summary.sample).toContain('Its right translation is unknown');
    expect((await traced('capitals', '--text', 'ab\tA B')).targets).toEqual(['A', 'B', '⟨end⟩']);
  });

  it.each([
    ['a number beyond the data', ['vowels', '--sample', '99'], 1, 'There is no sample 99: they are numbered from 1 to 7.'],
    ['a text for values', ['waves', '--text', '2.5'], 1, 'A sample of the task "forecast" cannot be typed'],
    ['a label that is none', ['vowels', '--text', 'ab\tletter'], 1, '"letter" is not one of the 2 labels: consonant, vowel'],
    ['a token outside the data', ['capitals', '--text', 'xyz'], 1, 'The text holds "x", "y", "z"'],
    ['a sample and a text at once', ['vowels', '--text', 'ab', '--sample', '1'], 2, 'cannot be used with'],
    ['no whole number', ['vowels', '--sample', '0'], 2, 'whole number of at least 1'],
  ])('explains %s', async (_, [name = '', ...args], status, message) => {
    const ended = await unroll('trace', `${name}.rnn.json`, '--out', join(folder, 'never'), ...args);
    expect(ended.stderr).toContain(message);
    expect(ended.status).toBe(status);
  });

  it('says that the data are gone, and still reads a typed text', async () => {
    writeFileSync(join(folder, 'gone.rnn.json'), readFileSync(join(folder, 'vowels.rnn.json'), 'utf8').replace('words.csv', 'soon-gone.csv').replace('"vowels"', '"gone"'));
    writeFileSync(join(folder, 'soon-gone.csv'), readFileSync(join(folder, 'words.csv')));
    await unroll('train', 'gone.rnn.json');
    rmSync(join(folder, 'soon-gone.csv'));
    const ended = await unroll('trace', 'gone.rnn.json', '--out', join(folder, 'never'));
    expect(ended).toMatchObject({ status: 1, stderr: expect.stringMatching(/gone\.rnn\.json:1:1: error: .*soon-gone\.csv/) });
    expect((await traced('gone', '--text', 'abc')).tokens).toEqual(['a', 'b', 'c']);
  });
});

describe('unroll generate', () => {
  it('translates greedily by default, with a beam, or drawn', async () => {
    const translate = async (...args: string[]): Promise<string> => (await unroll('generate', 'capitals.rnn.json', '--prompt', 'abc', '--length', '6', ...args)).stdout;
    const greedy = await translate();
    expect(greedy).toMatch(/^abc → /);
    expect(await translate('--temperature', '0')).toBe(greedy);
    expect(await translate('--beam', '1')).toBe(greedy);
    const drawn = await Promise.all(['1', '1', '2', '3'].map((seed) => translate('--temperature', '5', '--seed', seed)));
    expect(drawn[0]).toBe(drawn[1]);
    expect(new Set(drawn).size).toBeGreaterThan(1);
  });

  it.each([
    ['capitals', 2, 'There is nothing to translate.'],
    ['waves', 1, 'Text is written by models of the tasks "language-model" and "translation"; this one ("forecast") answers each row with values.'],
    ['vowels', 1, 'this one ("classification") gives a whole sequence one label.'],
  ])('explains why %s writes nothing without a source', async (name, status, message) => {
    const ended = await unroll('generate', `${name}.rnn.json`);
    expect(ended).toMatchObject({ status, stdout: '', stderr: expect.stringContaining(message) });
  });
});

describe('unroll compare', () => {
  it('shows the gradient by lag of every task', async () => {
    const names = Object.keys(specs);
    const { stdout } = await unroll('compare', ...names.map((name) => `${name}.rnn.json`), '--json');
    const models = stdout.trim().split('\n').map((line) => JSON.parse(line) as { label: string; lags?: number[]; noLags?: string });
    expect(models.map(({ label, noLags }) => [label, noLags])).toEqual(names.map((name) => [name, undefined]));
    const [capitals, vowels, waves, recall] = models.map(({ lags = [] }) => lags);
    // As far as the longest sample read: 3 letters and the end; 3 letters; 37 rows; 20 symbols.
    expect([capitals, vowels, waves, recall].map((lags) => lags!.length)).toEqual([4, 3, 37, 20]);
    for (const lags of [vowels, waves, recall]) expect(lags!.every((value) => value > 0)).toBe(true);
  });
});
