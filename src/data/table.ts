import { nearest } from '../spec/suggest';
import type { TextSource } from './decode';
import { delimitedRows, type DelimitedFormat } from './delimited';
import { DataError, type DataFiles } from './files';
import { jsonLines } from './jsonLines';
import type { LoadOptions } from './task';

/** The wanted columns of a table file, as texts. */
export interface Table {
  /** As written in the spec. */
  readonly path: string;
  /** Line of the file that each row begins on, from 1. */
  readonly lines: readonly number[];
  /** Cells by column, one a row. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
}

/** The cells of a column that was asked for. */
export function columnOf({ path, columns }: Table, name: string): readonly string[] {
  const cells = columns.get(name);
  if (!cells) throw new RangeError(`column ${name} of ${path} was not read`);
  return cells;
}

/**
 * Reads columns of a `.csv`, `.tsv` or `.jsonl` file (of another name: as `.csv`). Only these columns are kept.
 * Throws a DataError naming file, line and column for a missing column, a row of another length, broken
 * quotes, a line that is no JSON, and a file without rows.
 */
export async function readTable(path: string, names: readonly string[], files: DataFiles, { alive }: LoadOptions = {}): Promise<Table> {
  const source: TextSource = { files, paths: [path], alive, form: 'table' };
  const wanted = [...new Set(names)];
  const table = isJsonLines(path) ? await readObjects(path, wanted, source) : await readRows(path, wanted, source);
  if (table.lines.length === 0) throw new DataError('data-empty', `${path} has no rows. Put one example a line into it, or name another file.`, path);
  return table;
}

/** Whether a data file holds one JSON object a line, by its name. */
export function isJsonLines(path: string): boolean {
  return /\.(jsonl|ndjson)$/i.test(path);
}

async function readRows(path: string, names: readonly string[], source: TextSource): Promise<Table> {
  const format: DelimitedFormat = /\.(tsv|tab)$/i.test(path) ? 'tsv' : 'csv';
  const { table, add } = emptyTable(path, names);
  let header: readonly string[] | undefined;
  let places: readonly number[] = [];
  for await (const { line, cells } of delimitedRows(source, format)) {
    if (!header) {
      const found = cells.map((cell) => cell.trim());
      header = found;
      places = names.map((name) => {
        if (!found.includes(name)) throw missingColumn(path, name, found);
        if (found.indexOf(name) !== found.lastIndexOf(name)) throw new DataError('data-column', `${path} has several columns ${JSON.stringify(name)}. Give each a name of its own.`, path, { name });
        return found.indexOf(name);
      });
      continue;
    }
    if (cells.length !== header.length) throw new DataError('data-format', raggedRow(path, line, cells.length, header.length, format), path);
    add(line, places.map((place) => cells[place] ?? ''));
  }
  return table;
}

function raggedRow(path: string, line: number, got: number, wanted: number, format: DelimitedFormat): string {
  const advice = format === 'csv' ? 'Put quotes (") around a cell that holds commas.' : 'Cells are separated by one tab each.';
  return `${path}, line ${line} has ${got} ${got === 1 ? 'cell' : 'cells'}, but the first line has ${wanted}. ${advice}`;
}

async function readObjects(path: string, names: readonly string[], source: TextSource): Promise<Table> {
  const { table, add } = emptyTable(path, names);
  for await (const { line, value } of jsonLines(source)) {
    const cells = names.map((name) => {
      if (!Object.hasOwn(value, name)) throw missingColumn(path, name, Object.keys(value), line);
      const cell = value[name];
      if (typeof cell === 'string') return cell;
      if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell);
      throw new DataError('data-value', `${path}, line ${line}: "${name}" is ${JSON.stringify(cell)}, which is neither text nor a number.`, path);
    });
    add(line, cells);
  }
  return table;
}

function emptyTable(path: string, names: readonly string[]): { readonly table: Table; readonly add: (line: number, cells: readonly string[]) => void } {
  const lines: number[] = [];
  const columns = names.map((name): [string, string[]] => [name, []]);
  return {
    table: { path, lines, columns: new Map(columns) },
    add(line, cells) {
      lines.push(line);
      columns.forEach(([, column], index) => column.push(cells[index] ?? ''));
    },
  };
}

function missingColumn(path: string, name: string, found: readonly string[], line?: number): DataError {
  const meant = nearest(name, found);
  const where = line === undefined ? path : `${path}, line ${line}`;
  const columns = `${found.slice(0, 12).join(', ')}${found.length > 12 ? ', …' : ''}`;
  const advice = meant === undefined ? '' : ` Did you mean ${JSON.stringify(meant)}?`;
  return new DataError('data-column', `${where} has no column ${JSON.stringify(name)}; it has: ${columns}.${advice}`, path, { name, meant });
}

/** A column as numbers. Throws a DataError that names line and column of the first cell that is none. */
export function numbersOf(table: Table, name: string): Float64Array {
  return Float64Array.from(columnOf(table, name), (cell, row) => {
    const value = cell.trim() === '' ? NaN : Number(cell);
    if (Number.isFinite(value)) return value;
    const where = `${table.path}, line ${table.lines[row] ?? '?'}, column ${JSON.stringify(name)}`;
    if (cell.trim() === '') throw new DataError('data-value', `${where}: the cell is empty. Fill it in, or remove the row.`, table.path);
    const advice = /^\s*[-+]?\d+,\d+\s*$/.test(cell) ? 'Write a point before the decimals.' : 'Mend it, or remove the row.';
    throw new DataError('data-value', `${where}: ${JSON.stringify(cell)} is not a number. ${advice}`, table.path);
  });
}
