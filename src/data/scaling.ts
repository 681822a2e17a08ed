/** How a column was standardised: (value − mean) / deviation. */
export interface ColumnScale {
  readonly name: string;
  readonly mean: number;
  readonly deviation: number;
}

/** What the numbers of a forecast mean: its input and target columns in order, in units of the data. */
export interface ValueScaling {
  readonly kind: 'values';
  readonly inputs: readonly ColumnScale[];
  readonly targets: readonly ColumnScale[];
}

/** Mean and standard deviation (over n, as in z-scores) of a column; the deviation of a constant column counts as 1. */
export function scaleOf(name: string, values: Float64Array): ColumnScale {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = values.reduce((most, value) => Math.max(most, Math.abs(value - mean)), 0);
  if (spread === 0) return { name, mean, deviation: 1 };
  // In a unit of this size squares stay within the range of numbers; a power of two costs no digit.
  const unit = 2 ** Math.floor(Math.log2(spread));
  const variance = values.reduce((sum, value) => sum + ((value - mean) / unit) ** 2, 0) / values.length;
  return { name, mean, deviation: unit * Math.sqrt(variance) };
}

/** A value in units of standard deviations from the mean. */
export function standardised(value: number, { mean, deviation }: ColumnScale): number {
  return (value - mean) / deviation;
}

/** The reverse of `standardised`: a value in the unit of the data. */
export function inOwnUnit(value: number, { mean, deviation }: ColumnScale): number {
  return value * deviation + mean;
}
