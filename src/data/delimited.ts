import Papa from 'papaparse';
import { breaks } from './breaks';
import { textOf, type TextSource } from './decode';
import { DataError } from './files';

/** One row of cells. */
export interface DelimitedRow {
  /** Line of the file it begins on, from 1: a quoted cell may hold line ends. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** `csv`: RFC 4180, with commas, or semicolons where the first line has no comma; `tsv`: tabs, quotes mean nothing. */
export type DelimitedFormat = 'csv' | 'tsv';

/** A character that no text file holds, because `textOf` refuses it. */
const never = '\0';

/** Rows that are handed on between two breaks. */
const between = 64;

/** Characters after which a row that does not end is given up: a quote is never closed, or it is no table. */
const longestRow = 4_000_000;

/**
 * The rows of a file as it is read, without empty lines. Throws a DataError that names the line of broken quotes.
 */
export async function* delimitedRows(source: TextSource, format: DelimitedFormat): AsyncGenerator<DelimitedRow> {
  const path = source.paths[0] ?? '';
  let parser: Papa.Parser | undefined;
  let held = '';
  let line = 1;
  const pause = breaks(source.alive);

  async function* rowsOf(text: string, rest: 'more-follows' | 'complete'): AsyncGenerator<DelimitedRow> {
    parser ??= new Papa.Parser({ ...dialectOf(text, format), quoteChar: format === 'tsv' ? never : '"' });
    // A last row that may go on in the next piece is left for then, with all that seems wrong with it.
    const { data, errors, meta } = parser.parse(text, 0, rest === 'more-follows') as Papa.ParseResult<string[]>;
    // Of several errors of a row the first is the cause.
    const wrong = new Map([...errors].reverse().map(({ row, code }) => [row, code]));
    for (const [index, cells] of data.entries()) {
      const code = wrong.get(index);
      if (code !== undefined) throw broken(path, line, code);
      const row = withoutCarriageReturn(cells);
      if (row.length > 1 || row[0] !== '') yield { line, cells: row };
      if (index % between === 0) await pause();
      line += 1 + cells.reduce((sum, cell) => sum + (cell.includes('\n') ? cell.split('\n').length - 1 : 0), 0);
    }
    held = text.slice(meta.cursor);
  }

  for await (const piece of textOf(source)) {
    held += piece;
    // The first line tells the dialect.
    if (!parser && !/[\r\n]./su.test(held)) continue;
    yield* rowsOf(held, 'more-follows');
    if (held.length > longestRow) throw tooLong(path, line);
  }
  if (held !== '') yield* rowsOf(held, 'complete');
}

/** How cells and lines end, by the beginning of the text. CR LF counts as LF. */
function dialectOf(text: string, format: DelimitedFormat): { readonly delimiter: string; readonly newline: '\n' | '\r' } {
  const newline = text.includes('\n') || !text.includes('\r') ? '\n' : '\r';
  const [header = ''] = text.split(newline, 1);
  const delimiter = format === 'tsv' ? '\t' : header.includes(';') && !header.includes(',') ? ';' : ',';
  return { delimiter, newline };
}

/** The cells of a row without the CR of a CR LF behind the last. */
function withoutCarriageReturn(cells: readonly string[]): readonly string[] {
  const last = cells.at(-1) ?? '';
  return last.endsWith('\r') ? [...cells.slice(0, -1), last.slice(0, -1)] : cells;
}

function broken(path: string, line: number, code: string): DataError {
  const what = code === 'MissingQuotes' ? 'a cell begins with a quote (") that is never closed' : 'a quoted cell goes on behind its closing quote (")';
  return new DataError('data-format', `${path}, line ${line}: ${what}. Close the quote, and write a quote inside a quoted cell twice ("").`, path);
}

function tooLong(path: string, line: number): DataError {
  return new DataError('data-format', `${path}, line ${line}: the row does not end within ${longestRow.toLocaleString('en')} characters. Close a cell that begins with a quote ("), or name a table with a line for each row.`, path);
}
