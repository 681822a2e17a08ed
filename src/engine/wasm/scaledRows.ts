import type { Panels } from './memory';
import type { Operations } from './operations';

/** Rows with a power of two each: the true row is row · 2^exponent, so nothing vanishes by the format. */
export interface ScaledRows {
  readonly rows: Panels;
  /** i32, one a row. */
  readonly exponents: number;
}

/** sum += a for rows [from, to), all with exponents; `carry`, which has those of `sum`, follows it, and with `folds` is added too. */
export function addScaled(operations: Operations, from: number, to: number, sum: ScaledRows, a: ScaledRows, carry?: { readonly rows: Panels; readonly folds: number }): void {
  const { panels, address, stride } = sum.rows;
  operations.pieces(from, to, panels * 160, (kernels, first, last) => kernels.addScaled(first, last, panels, address, stride, sum.exponents, a.rows.address, a.rows.stride, a.exponents, carry?.rows.address ?? 0, carry?.rows.stride ?? 0, carry?.folds ?? 0));
}

/** Lengths ‖row‖₂ of rows [from, to) of a matrix with exponents, f64 each, into `norms`. */
export function rowNorms(operations: Operations, from: number, to: number, { rows, exponents }: ScaledRows, norms: number): void {
  operations.pieces(from, to, rows.panels * 40, (kernels, first, last) => kernels.rowNorms(first, last, rows.panels, rows.address, rows.stride, exponents, norms));
}
