import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkSpec } from '../../../src/data/check';
import { taskFiles } from '../../../src/data/taskFiles';
import { memoryFiles } from './files';

interface DataSet {
  readonly notice: string;
  readonly files: Readonly<Record<string, string>>;
}

const folder = fileURLToPath(new URL('../../../media/templates', import.meta.url));
const make = async (name: string): Promise<DataSet> => {
  const builder = (await import(/* @vite-ignore */ new URL(`../../../src/build/templates/${name}.mjs`, import.meta.url).href)) as { make(): Promise<DataSet> };
  return builder.make();
};
const sets = await Promise.all(['names', 'pronunciations', 'weather'].map(make));
/** Any text will do where a template reads Moby Dick: all of it takes too long here. */
const data: Record<string, string> = Object.assign({ 'moby-dick.txt': 'Call me Ishmael. Some years ago, never mind how long precisely…\n'.repeat(200) }, ...sets.map(({ files }) => files));

describe.each(readdirSync(folder).filter((file) => file.endsWith('.rnn.json')))('the template %s', (file) => {
  it('has no problem, and fits its data', async () => {
    const { problems, parsed } = await checkSpec(readFileSync(`${folder}/${file}`, 'utf8'), memoryFiles(data, 65_536));
    expect(problems).toEqual([]);
    expect(file).toBe(`${parsed.spec!.name}.rnn.json`);
  });
});

describe('the list of templates', () => {
  const list = JSON.parse(readFileSync(`${folder}/templates.json`, 'utf8')) as { id: string; spec: string; data: string[] }[];

  it('names the data files that each spec reads', async () => {
    for (const { id, spec, data: listed } of list) {
      const { parsed } = await checkSpec(readFileSync(`${folder}/${spec}`, 'utf8'), memoryFiles(data, 65_536));
      expect([id, listed]).toEqual([parsed.spec!.name, taskFiles(parsed.spec!.task)]);
    }
  });

  it('offers every spec of the folder, once', () => {
    expect(list.map(({ spec }) => spec).sort()).toEqual(readdirSync(folder).filter((file) => file.endsWith('.rnn.json')).sort());
  });
});

describe('the data of the templates', () => {
  it.each(sets.map(({ notice, files }) => ({ files: Object.keys(files), notice })))('say where $files are from and under which licence', ({ files, notice }) => {
    for (const file of files) expect(notice).toContain(file);
    expect(notice).toMatch(/public domain|Redistribution and use/);
  });

  it('give no name two classes', () => {
    const listed = data['names.csv']!.trim().split('\n').slice(1).map((row) => row.split(',')[0]);
    expect(new Set(listed).size).toBe(listed.length);
  });
});
