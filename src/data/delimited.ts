import Papa from 'papaparse';
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

/**
 * Hands the rows of a text to `onRow`, empty lines left out. Throws a DataError for broken quotes,
 * naming `path` and the line, and whatever `onRow` throws.
 */
export function readDelimited(text: string, { path, format }: { readonly path: string; readonly format: DelimitedFormat }, onRow: (row: DelimitedRow) => void): void {
  const header = text.slice(0, Math.max(0, text.indexOf('\n')) || undefined);
  const delimiter = format === 'tsv' ? '\t' : header.includes(';') && !header.includes(',') ? ';' : ',';
  let line = 1;
  let end = 0;
  let failure: unknown;
  Papa.parse<string[]>(text, {
    delimiter,
    ...(format === 'tsv' ? { quoteChar: never } : {}),
    step({ data, errors, meta }, parser) {
      try {
        const [error] = errors;
        if (error) throw broken(path, line, error.code);
        if (data.length > 1 || data[0] !== '') onRow({ line, cells: data });
        line += lineEnds(text, end, meta.cursor);
        end = meta.cursor;
      } catch (thrown) {
        // Papa Parse would swallow it.
        failure = thrown;
        parser.abort();
      }
    },
  });
  if (failure !== undefined) throw failure;
}

function broken(path: string, line: number, code: string): DataError {
  const what = code === 'MissingQuotes' ? 'a cell begins with a quote (") that is never closed' : 'a quoted cell goes on behind its closing quote (")';
  return new DataError('data-format', `${path}, line ${line}: ${what}. Close the quote, and write a quote inside a quoted cell twice ("").`, path);
}

/** Number of lines that end in text[from, to): LF, CR LF, or CR alone. */
function lineEnds(text: string, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x0a || (code === 0x0d && text.charCodeAt(i + 1) !== 0x0a)) count++;
  }
  return count;
}
