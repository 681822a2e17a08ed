/**
 * Views of a traced tensor, which the host computes so that a page gets what it draws and no more.
 * A tensor [T, 1, H] or [P, T] is seen as a matrix [rows, width], a row for each timestep or loss.
 */
export type TensorView =
  /** Rows [first, first + count) as they are: [count, width]. */
  | { readonly of: 'rows'; readonly name: string; readonly first: number; readonly count: number }
  /**
   * Smallest and largest number of each cell: rows [first, first + count) in bins of `bin` rows,
   * columns [left, left + width) in bins of `widthBin` columns; [2, ⌈count / bin⌉, ⌈width / widthBin⌉], the smallest first.
   */
  | { readonly of: 'cells'; readonly name: string; readonly first: number; readonly count: number; readonly bin: number; readonly left: number; readonly width: number; readonly widthBin: number }
  /** How each row spreads: [7, rows] in the order of `spreadRows`. Quantiles are interpolated between ranks (R-7, as NumPy's default). */
  | { readonly of: 'spread'; readonly name: string }
  /** Each column over all rows: [3, width] in the order of `columnRows`. */
  | { readonly of: 'columns'; readonly name: string }
  /** Mean along the diagonals of a flow matrix by lag, rows without a loss (NaN) left out: [lags]. */
  | { readonly of: 'lags'; readonly name: string; readonly reading: 'forward' | 'reverse' }
  /** Sum over the rows of a flow matrix for each step, rows without a loss (NaN) left out: [T]. */
  | { readonly of: 'sums'; readonly name: string };

/** What the rows of a `spread` hold: quantiles, the arithmetic mean, and ‖·‖₂. */
export const spreadRows = ['minimum', 'low', 'median', 'high', 'maximum', 'mean', 'norm'] as const;

/** What the rows of a `columns` view hold: the mean, and the shares of rows below 0.1 and above 0.9. */
export const columnRows = ['mean', 'below', 'above'] as const;

/** Names a view: equal for equal views. */
export function viewKey(view: TensorView): string {
  return Object.values(view).join('|');
}
