import { parse } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { freeName, reachesText, renameSpec } from '../../../src/commands/templates';

const text = `// About it.
{
  "version": 1,
  "name": "old", // kept
  "task": { "kind": "language-model", "data": "book.txt", "tokens": "char" },
}
`;

describe('a spec made from a template', () => {
  it('gets its name and keeps every comment and comma', () => {
    expect(renameSpec(text, 'new', new Map())).toBe(text.replace('"old"', '"new"'));
  });

  it('points to a data file that had to be renamed', () => {
    expect(renameSpec(text, 'new', new Map([['book.txt', 'book-2.txt']]))).toBe(text.replace('"old"', '"new"').replace('book.txt', 'book-2.txt'));
  });

  it('renames one of several data files', () => {
    const several = text.replace('"book.txt"', '["a.txt", "b.txt"]');
    const renamed = parse(renameSpec(several, 'old', new Map([['b.txt', 'b-2.txt']]))) as { task: { data: string[] } };
    expect(renamed.task.data).toEqual(['a.txt', 'b-2.txt']);
  });
});

describe('a free name', () => {
  it('is the wanted one, else the first number that is not taken', () => {
    const taken = new Set(['a.rnn.json', 'a-2.rnn.json', 'b.txt']);
    const isTaken = (name: string) => taken.has(name);
    expect(freeName('c.txt', isTaken)).toBe('c.txt');
    expect(freeName('b.txt', isTaken)).toBe('b-2.txt');
    expect(freeName('a.rnn.json', isTaken)).toBe('a-3.rnn.json');
  });
});

describe('what a template reaches', () => {
  it.each([
    [{ metric: 'loss', atMost: 1.9, unit: 'nats a character' }, 'a validation loss of 1.9 nats a character'],
    [{ metric: 'right', atLeast: 0.985, of: 'held-out names' }, '98.5 % of held-out names right'],
    [{ metric: 'wrong', atMost: 0.14, of: 'sounds' }, '14 % of sounds wrong'],
  ] as const)('is said in words: %j', (reaches, text) => {
    expect(reachesText(reaches)).toBe(text);
  });
});
