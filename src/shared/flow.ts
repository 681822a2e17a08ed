/** A flow matrix [P,T], row-major: row t holds ‖∂ℓₜ/∂hₖ‖ over k; P = 1 is one loss, taken at the last step. */
export interface FlowMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: ArrayLike<number>;
}

/** Mean of a forward direction's flow along each diagonal: entry n is the mean of ‖∂ℓₜ/∂hₖ‖ over all t − k = n. */
export function flowByLag({ rows, columns, data }: FlowMatrix): Float64Array {
  const sums = new Float64Array(columns);
  const counts = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    const t = rows === 1 ? columns - 1 : row;
    for (let k = 0; k <= t; k++) {
      sums[t - k] = (sums[t - k] ?? 0) + (data[row * columns + k] ?? 0);
      counts[t - k] = (counts[t - k] ?? 0) + 1;
    }
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
