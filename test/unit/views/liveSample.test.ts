import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { Spec } from '../../../src/spec/schema';
import { parseSpec } from '../../../src/spec/parse';
import { answersOf, hasSample, newestSample } from '../../../src/views/liveSample';
import { workshop } from '../runs/support';

// Each test starts the real worker, on machines that may have other things to do.
vi.setConfig({ testTimeout: 60_000 });

const shop = workshop();
const words = ['anna', 'bert', 'clara', 'dirk', 'eva', 'fritz', 'greta', 'hans', 'ida', 'jan', 'karl', 'lena'];

const files = {
  'names.csv': `name,sex\n${words.map((name, index) => `${name},${index % 2 === 0 ? 'girl' : 'boy'}`).join('\n')}\n`,
  'tags.jsonl': Array.from({ length: 12 }, (_, i) => JSON.stringify({ tokens: ['the', 'cat', 'runs'].slice(0, 2 + (i % 2)), tags: ['D', 'N', 'V'].slice(0, 2 + (i % 2)) })).join('\n'),
  'days.csv': `warm,wind\n${Array.from({ length: 400 }, (_, i) => `${(10 + 5 * Math.sin(i / 9)).toFixed(2)},${i % 7}`).join('\n')}\n`,
  'pairs.tsv': `word\tcapitals\n${words.map((word) => `${word}\t${[...word.toUpperCase()].join(' ')}`).join('\n')}\n`,
};
const layers = { layers: [{ cell: 'gru', units: 6 }] };
const tasks = {
  classification: [{ kind: 'classification', data: 'names.csv', text: 'name', label: 'sex', tokens: 'char', validation: 0.3 }, layers, /^(girl|boy)$/, /^(girl|boy)$/],
  tagging: [{ kind: 'tagging', data: 'tags.jsonl', validation: 0.3 }, layers, /^[DNV]( [DNV]){1,2}$/, /^D N( V)?$/],
  forecast: [{ kind: 'forecast', data: 'days.csv', inputs: ['warm', 'wind'], targets: ['warm'], horizon: 2, validation: 0.4 }, layers, /^-?\d+(\.\d+)?$/, /^\d+(\.\d+)?$/],
  recall: [{ kind: 'synthetic', problem: 'recall', length: 12, lag: 3 }, layers, /^\S+( \S+)*$/, /^\S+( \S+)*$/],
  translation: [{ kind: 'translation', data: 'pairs.tsv', source: 'word', target: 'capitals', tokens: { source: 'char', target: 'spaced' }, validation: 0.3 }, { encoder: layers, decoder: layers }, /^[A-Z ]*$/, /^[A-Z]( [A-Z])+$/],
} as const;

describe('the newest sample', () => {
  it.each(Object.keys(tasks) as (keyof typeof tasks)[])('of a %s is its answer to a held-out example beside the right one', async (name) => {
    const [task, model, text, right] = tasks[name];
    for (const [file, content] of Object.entries(files)) writeFileSync(join(shop.folder, file), content);
    const path = join(shop.folder, `${name}.rnn.json`);
    writeFileSync(path, JSON.stringify({ version: 1, name, task, model, training: { batch: 2, steps: 3, ...(name === 'forecast' ? { window: 20 } : {}) } }));
    const runs = shop.runs();
    const { folder, checkpoints, state } = await (await runs.train(path)).finished;
    expect(state).toBe('done');
    const { spec } = parseSpec(readFileSync(path, 'utf8')) as { spec: Spec };
    expect(hasSample(spec)).toBe(true);
    const ask = () => newestSample(runs, { run: folder, step: checkpoints.at(-1)!, spec }, new AbortController().signal);
    const sample = await ask();
    expect(sample.text).toMatch(text);
    expect(sample.right).toMatch(right);
    expect(sample.prompt).not.toBe('');
    expect(sample.how).toMatch(name === 'classification' ? /^a held-out example, \d+ % sure$/ : /^(a held-out (example|pair, translated greedily)|the end of a held-out stretch)$/);
    // Values are near or far, not right or wrong.
    if (name === 'forecast') expect(sample.answers).toBeUndefined();
    else expect([sample.answers!.map(({ given }) => given).join(' ').trim(), sample.answers!.map(({ right: each }) => each).join(' ').trim()]).toEqual([sample.text, sample.right]);
    expect(await ask()).toEqual(sample);
    if (name === 'translation') return;
    const trace = await runs.trace({ run: folder, checkpoint: checkpoints.at(-1)!, sample: { kind: 'held-out', index: 0 } });
    expect(sample).toEqual({ step: 3, ...answersOf(trace) });
    const [answered = 0] = trace.losses.flatMap((loss, t) => (loss === null ? [] : [t])).slice(-1);
    expect(sample.text).toContain(trace.values?.answers[answered] ?? trace.predictions[answered]![0]!.token);
  });
});
