import { stepAtLag, type Reading } from '../../src/shared/flow';

/** Numbers in a row, as traces hold them. */
export type Numbers = Float32Array | Float64Array;

/** A flow row, ‖∂ℓₜ/∂hₖ‖ over k, by lag: lag 0, 1, … as far as the text goes. */
export function byLag(row: Numbers, t: number, reading: Reading): Float64Array {
  const lags = reading === 'forward' ? t + 1 : row.length - t;
  return Float64Array.from({ length: Math.max(0, lags) }, (_, lag) => row[stepAtLag(t, lag, reading)] ?? Number.NaN);
}

/** The largest of some numbers; 0 without any. */
export function largestOf(values: ArrayLike<number>): number {
  let most = 0;
  for (let index = 0; index < values.length; index++) if ((values[index] ?? 0) > most) most = values[index] ?? 0;
  return most;
}
