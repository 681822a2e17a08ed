/** A flow matrix [P,T], row-major: row t holds ‖∂ℓₜ/∂hₖ‖ over k; NaN where step t has no loss. */
export interface FlowMatrix {
  /** `every-step`: row t is the loss of step t; `last-step`: the only row is a loss taken once, at the end. */
  readonly losses: 'every-step' | 'last-step';
  readonly rows: number;
  readonly columns: number;
  readonly data: ArrayLike<number>;
}

/** Which way a layer reads: its h at step k can reach the loss at t only when k ≤ t (forward) or k ≥ t (reverse). */
export type Reading = 'forward' | 'reverse';

/** Step that lies `lag` steps away from t in the direction gradients travel. */
export function stepAtLag(t: number, lag: number, reading: Reading): number {
  return reading === 'forward' ? t - lag : t + lag;
}

/** One row of the flow matrix by lag: ‖∂ℓₜ/∂hₖ‖ at lag 0, 1, … as far as the text goes. */
export function rowByLag({ losses, columns, data }: FlowMatrix, row: number, reading: Reading): Float64Array {
  const t = losses === 'last-step' ? columns - 1 : row;
  const lags = reading === 'forward' ? t + 1 : columns - t;
  return Float64Array.from({ length: Math.max(0, lags) }, (_, lag) => data[row * columns + stepAtLag(t, lag, reading)] ?? Number.NaN);
}

/** Mean of the flow matrix along each of its diagonals: entry n is the mean of ‖∂ℓₜ/∂hₖ‖ over all pairs n steps apart that have a loss. */
export function flowByLag(flow: FlowMatrix, reading: Reading): Float64Array {
  const sums = new Float64Array(flow.columns);
  const counts = new Float64Array(flow.columns);
  for (let row = 0; row < flow.rows; row++) {
    rowByLag(flow, row, reading).forEach((norm, lag) => {
      if (Number.isNaN(norm)) return;
      sums[lag] = (sums[lag] ?? 0) + norm;
      counts[lag] = (counts[lag] ?? 0) + 1;
    });
  }
  const reached = counts.filter((count) => count > 0).length;
  return sums.slice(0, reached).map((sum, lag) => sum / (counts[lag] ?? 1));
}

/** Share of its value at lag 0 at which a mean flow still counts as arriving. */
export const reachShare = 0.01;

/** The largest lag at which the mean flow is still at least 1 % of its value at lag 0; 0 when nothing flows. */
export function reachOf(byLag: ArrayLike<number>): number {
  const least = reachShare * (byLag[0] ?? 0);
  if (!(least > 0)) return 0;
  for (let lag = byLag.length - 1; lag > 0; lag--) if ((byLag[lag] ?? 0) >= least) return lag;
  return 0;
}
