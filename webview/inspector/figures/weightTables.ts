import type { GateSpectrum } from '../../../src/shared/weights';
import type { DataTable } from '../../ui/dataTable';
import type { TraceViews } from '../traceViews';

/** Cells along a side of a table of weights at most: a page with all weights of a large matrix would not answer any more. */
const mostCells = 48;

/** Spectral radius, largest singular value, and all singular values by rank; nothing of a matrix that has none. */
export function spectraTables(parameter: string, gates: readonly GateSpectrum[]): readonly DataTable[] {
  if (gates.length === 0) return [];
  return [
    { caption: `Spectral radius, ${parameter}`, columns: ['gate', 'ρ', 'σ₁'], rows: gates.map(({ gate, spectralRadius, singularValues }) => [gate, spectralRadius ?? Number.NaN, singularValues[0] ?? Number.NaN]) },
    { caption: `Singular values, ${parameter}`, columns: ['rank', ...gates.map(({ gate }) => gate)], rows: Array.from({ length: gates[0]?.singularValues.length ?? 0 }, (_, rank) => [String(rank + 1), ...gates.map(({ singularValues }) => singularValues[rank] ?? Number.NaN)]) },
  ];
}

/** A gate's part of a matrix: rows [first, first + rows) of all its columns. */
export interface WeightRows {
  readonly name: string;
  readonly first: number;
  readonly rows: number;
  readonly columns: number;
}

/** The weights of a part; where several share a cell, the one of the larger magnitude. */
export function weightTable(views: TraceViews, parameter: string, { name, first, rows, columns }: WeightRows): DataTable {
  const [bin, widthBin] = [Math.ceil(rows / mostCells), Math.ceil(columns / mostCells)];
  const [down, across] = [Math.ceil(rows / bin), Math.ceil(columns / widthBin)];
  const data = views.get({ of: 'cells', name: parameter, first, count: rows, bin, left: 0, width: columns, widthBin })?.data;
  const weight = (row: number, column: number): number => {
    const [low, high] = [data?.[row * across + column] ?? Number.NaN, data?.[(down + row) * across + column] ?? Number.NaN];
    return Math.abs(low) > Math.abs(high) ? low : high;
  };
  const label = (cell: number, size: number, total: number): string => (size === 1 ? String(cell) : `${cell * size}–${Math.min(total, (cell + 1) * size) - 1}`);
  return {
    caption: `${parameter}${name === '' ? '' : `, ${name}`}: a row for each unit, a column for each input${bin * widthBin > 1 ? '; the weight of the largest magnitude of each cell' : ''}`,
    columns: ['unit', ...Array.from({ length: across }, (_, column) => label(column, widthBin, columns))],
    rows: Array.from({ length: down }, (_, row) => [label(row, bin, rows), ...Array.from({ length: across }, (__, column) => weight(row, column))]),
  };
}
