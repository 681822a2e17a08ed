import { describe, expect, it } from 'vitest';
import { loadData } from '../../../src/data/load';
import { parseStoredData } from '../../../src/data/parseStored';
import { formatStoredData, loadOptionsOf, sizesOfStored, storedData } from '../../../src/data/stored';
import { specSchema } from '../../../src/spec/schema';
import { memoryFiles } from './files';

const files = memoryFiles({
  'a.txt': 'the quick brown fox',
  'n.csv': 'name,list\nAda,x\nBob,y\nCyd,z\nDan,x\n',
  't.conll': 'the D\ncat N\n\nit N\nsat V\n',
  's.csv': `u,v\n${Array.from({ length: 20 }, (_, n) => `${n},${n % 3}`).join('\n')}\n`,
});

const tasks = [
  { kind: 'language-model', data: 'a.txt', tokens: 'char' },
  { kind: 'classification', data: 'n.csv', text: 'name', label: 'list', tokens: 'char' },
  { kind: 'tagging', data: 't.conll' },
  { kind: 'forecast', data: 's.csv', inputs: ['u', 'v'], targets: ['v'] },
  { kind: 'synthetic', problem: 'copy', length: 25 },
  { kind: 'synthetic', problem: 'adding', length: 25 },
].map((task) => specSchema.parse({ version: 1, name: 'm', task, model: { layers: [{ cell: 'lstm', units: 4 }] } }).task);

describe.each(tasks)('what a run stores of the data of a $kind', (task) => {
  it('survives its file, tells the sizes of the network without the data, and loads them alike again', async () => {
    const data = await loadData(task, files);
    const stored = storedData(data) && parseStoredData(formatStoredData(storedData(data)!));
    expect(stored).toEqual(storedData(data));
    expect(sizesOfStored(task, stored)).toEqual(data.sizes);
    const again = await loadData(task, files, stored ? loadOptionsOf(stored) : {});
    expect([again.vocabulary, again.scaling]).toEqual([data.vocabulary, data.scaling]);
  });
});

describe('a stored file', () => {
  it('of a language model is a plain vocabulary, as it always was', () => {
    expect(formatStoredData({ kind: 'char', tokens: ['a', 'b'] })).toBe('{"kind":"char","tokens":["a","b"]}\n');
  });

  it.each(['', 'null', '[]', '{"kind":"values"}', '{"kind":"values","inputs":[],"targets":[]}', '{"kind":"char","tokens":[]}', '{"kind":"translation","source":{}}'])('that is damaged is told: %s', (json) => {
    expect(() => parseStoredData(json)).toThrow('damaged');
  });

  it('of another task does not pass for the sizes of this one', () => {
    expect(() => sizesOfStored(tasks[1]!, { kind: 'values', inputs: [], targets: [] })).toThrow('does not tell the sizes');
    expect(() => sizesOfStored(tasks[3]!, { kind: 'char', tokens: ['a', 'b'] })).toThrow('does not tell the sizes');
    expect(() => sizesOfStored(tasks[3]!, undefined)).toThrow('does not tell the sizes');
  });
});
