import type { FlowMatrix } from '../../src/shared/flow';

/** Numbers in a row, as traces hold them. */
export type Numbers = Float32Array | Float64Array;

/** One layer's values over time, row-major [steps, width]: column t of a plot is row t here. */
export interface Series {
  readonly steps: number;
  readonly width: number;
  readonly data: Numbers;
}

/** Element (t, unit) of a series; NaN outside. */
export function valueAt(series: Series, t: number, unit: number): number {
  if (t < 0 || t >= series.steps || unit < 0 || unit >= series.width) return Number.NaN;
  return series.data[t * series.width + unit] ?? Number.NaN;
}

/** A flow trace [T,T] as the matrix it is: each step has a loss of its own. */
export function flowMatrix({ steps, width, data }: Series): FlowMatrix {
  return { losses: 'every-step', rows: steps, columns: width, data };
}
