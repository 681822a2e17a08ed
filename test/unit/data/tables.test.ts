import { describe, expect, it } from 'vitest';
import type { DataError } from '../../../src/data/files';
import { columnOf, numbersOf, readTable } from '../../../src/data/table';
import { memoryFiles } from './files';

async function read(path: string, text: string, names = ['a', 'b'], pieceSize = 3) {
  const table = await readTable(path, names, memoryFiles({ [path]: text }, pieceSize));
  return { lines: table.lines, ...Object.fromEntries(names.map((name) => [name, columnOf(table, name)])) };
}

async function problem(path: string, text: string, names = ['a', 'b']): Promise<DataError> {
  return read(path, text, names, 100_000).then(
    () => expect.unreachable('it was read'),
    (error: DataError) => error,
  );
}

describe('a CSV file', () => {
  it.each([1, 2, 3, 5, 7, 1000])('is the same table in pieces of %i bytes, with the line of each row', async (pieceSize) => {
    const text = 'a,x,b\r\n1,"y",2\r\n\r\n"one\r\nand ""two""",,"3, 4"\r\nlast,,row';
    expect(await read('t.csv', text, ['b', 'a'], pieceSize)).toEqual({ lines: [2, 4, 6], a: ['1', 'one\r\nand "two"', 'last'], b: ['2', '3, 4', 'row'] });
  });

  it('may have semicolons, bare LF or CR, and a byte order mark', async () => {
    expect(await read('t.csv', '\uFEFFa;b\n1,5;x\n')).toEqual({ lines: [2], a: ['1,5'], b: ['x'] });
    expect(await read('t.csv', 'a,b\r1,x\r2,y\r')).toEqual({ lines: [2, 3], a: ['1', '2'], b: ['x', 'y'] });
  });

  it('needs the columns of the spec and says which one was meant', async () => {
    const error = await problem('t.csv', 'gender,name\nf,Ada\n', ['name', 'gendre']);
    expect(error).toMatchObject({ code: 'data-column', path: 't.csv', column: { name: 'gendre', meant: 'gender' } });
    expect(error.message).toBe('t.csv has no column "gendre"; it has: gender, name. Did you mean "gender"?');
  });

  it.each([
    ['data-format', 'a,b\n1,2\n1,2,3\n', /line 3 has 3 cells, but the first line has 2\. Put quotes/],
    ['data-format', 'a,b\n1,2\n3\n', /line 3 has 1 cell,/],
    ['data-format', 'a,b\n"1,2\n3,4\n', /line 2: a cell begins with a quote \("\) that is never closed/],
    ['data-format', 'a,b\n1,2\n"3"x,4\n', /line 3: a quoted cell goes on behind its closing quote/],
    ['data-format', `a,b\n1,${'x'.repeat(4_100_000)}`, /line 2: the row does not end within 4,000,000 characters/],
    ['data-empty', 'a,b\n', /t\.csv has no rows/],
    ['data-empty', '', /t\.csv is empty/],
  ])('says %s, case %#', async (code, text, message) => {
    const error = await problem('t.csv', text);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });
});

describe('a column that is there twice', () => {
  it('is refused when it is wanted, as nobody knows which', async () => {
    expect(await problem('t.csv', 'a,b,a\n1,2,3\n')).toMatchObject({ code: 'data-column', message: 't.csv has several columns "a". Give each a name of its own.' });
    expect(await read('t.csv', 'a,c,b,c\n1,2,3,4\n')).toMatchObject({ a: ['1'], b: ['3'] });
  });
});

describe('a TSV file', () => {
  it('is cut at tabs only: quotes and commas are text', async () => {
    expect(await read('t.tsv', 'a\tb\n"x, y\t6"\n')).toEqual({ lines: [2], a: ['"x, y'], b: ['6"'] });
  });
});

describe('a JSON Lines file', () => {
  it('gives texts, numbers and truth values as texts', async () => {
    expect(await read('t.jsonl', '{"a": "x", "b": 1.5}\n\n{"b": true, "a": "y"}')).toEqual({ lines: [1, 3], a: ['x', 'y'], b: ['1.5', 'true'] });
  });

  it.each([
    ['data-format', '{"a": 1, "b": 2}\nnot json\n', /line 2 is no JSON: not json\./],
    ['data-format', '[1, 2]\n', /line 1 is no object/],
    ['data-column', '{"a": 1}\n', /line 1 has no column "b"; it has: a/],
    ['data-value', '{"a": 1, "b": [2]}\n', /line 1: "b" is \[2\], which is neither text nor a number/],
    ['data-empty', '\n\n', /has no rows/],
  ])('says %s of %j', async (code, text, message) => {
    const error = await problem('t.jsonl', text);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });
});

describe('columns with the names of what every object has', () => {
  it('are missing like any other', async () => {
    expect(await problem('t.jsonl', '{"a": 1}', ['a', 'constructor'])).toMatchObject({ code: 'data-column', message: expect.stringContaining('has no column "constructor"') });
  });
});

describe('numbers', () => {
  const numbers = async (cell: string) => numbersOf(await readTable('t.csv', ['b'], memoryFiles({ 't.csv': `a;b\nx;1\ny;${cell}\n` })), 'b');

  it('may have signs, exponents and spaces around', async () => {
    expect([...(await numbers(' -2.5e3 '))]).toEqual([1, -2500]);
  });

  it.each([
    ['1,5', 't.csv, line 3, column "b": "1,5" is not a number. Write a point before the decimals.'],
    ['n/a', 't.csv, line 3, column "b": "n/a" is not a number. Mend it, or remove the row.'],
    [' ', 't.csv, line 3, column "b": the cell is empty. Fill it in, or remove the row.'],
    ['Infinity', 't.csv, line 3, column "b": "Infinity" is not a number. Mend it, or remove the row.'],
  ])('are not %j, with line and column', async (cell, message) => {
    await expect(numbers(cell)).rejects.toThrow(message);
  });
});
