import { skipRows, type Panels } from './memory';
import type { Operations } from './operations';

/** Rows with a power of two each: the true row is row · 2^exponent, so nothing vanishes by the format. */
export interface ScaledRows {
  readonly rows: Panels;
  /** i32, one a row. */
  readonly exponents: number;
}

/** sum += a for rows [from, to), all with exponents; `carry`, which has those of `sum`, follows it, and with `folds` is added too. */
export function addScaled(operations: Operations, from: number, to: number, sum: ScaledRows, a: ScaledRows, carry?: { readonly rows: Panels; readonly folds: number }): void {
  const skip = (matrix: Panels): Panels => skipRows(matrix, from);
  operations.addScaled(to - from, skip(sum.rows), sum.exponents + from * 4, skip(a.rows), a.exponents + from * 4, carry && skip(carry.rows), carry?.folds ?? 0);
}

/** Lengths ‖row‖₂ of rows [from, to) of a matrix with exponents, f64 each, into `norms`. */
export function rowNorms(operations: Operations, from: number, to: number, { rows, exponents }: ScaledRows, norms: number): void {
  operations.rowNorms(to - from, skipRows(rows, from), exponents + from * 4, norms + from * 8);
}
