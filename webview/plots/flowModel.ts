import { valueAt, type Series } from './numbers';

/** Which way a layer reads: its h at step k can reach the loss at t only when k ≤ t (forward) or k ≥ t (reverse). */
export type Reading = 'forward' | 'reverse';

/** Step that lies `lag` steps away from t in the direction gradients travel. */
export function stepAtLag(t: number, lag: number, reading: Reading): number {
  return reading === 'forward' ? t - lag : t + lag;
}

/** Row t of the flow matrix by lag: ‖∂ℓₜ/∂hₖ‖ at lag 0, 1, … as far as the text goes. */
export function rowByLag(flow: Series, t: number, reading: Reading): Float64Array {
  const lags = reading === 'forward' ? t + 1 : flow.width - t;
  return Float64Array.from({ length: Math.max(0, lags) }, (_, lag) => valueAt(flow, t, stepAtLag(t, lag, reading)));
}

/** Mean of the flow matrix along each of its diagonals, by lag. */
export function meanByLag(flow: Series, reading: Reading): Float64Array {
  const sums = new Float64Array(flow.width);
  const counts = new Float64Array(flow.width);
  for (let t = 0; t < flow.steps; t++) {
    rowByLag(flow, t, reading).forEach((norm, lag) => {
      if (lag >= sums.length) return;
      sums[lag] = (sums[lag] ?? 0) + norm;
      counts[lag] = (counts[lag] ?? 0) + 1;
    });
  }
  const reached = counts.filter((count) => count > 0).length;
  return sums.slice(0, reached).map((sum, lag) => sum / (counts[lag] ?? 1));
}

/** Share of lag 0 at which a lag still counts as reached. */
export const reachShare = 0.01;

/** The largest lag whose mean is still at least 1 % of lag 0's; 0 when nothing flows. */
export function reach(byLag: ArrayLike<number>): number {
  const threshold = reachShare * (byLag[0] ?? 0);
  if (!(threshold > 0)) return 0;
  for (let lag = byLag.length - 1; lag > 0; lag--) if ((byLag[lag] ?? 0) >= threshold) return lag;
  return 0;
}
