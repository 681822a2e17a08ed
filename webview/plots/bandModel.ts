import { quantileSorted } from 'd3-array';
import type { Series } from './numbers';

/** How the units of a layer spread at each timestep; every array is [steps]. */
export interface Band {
  readonly minimum: Float64Array;
  /** 10 % quantile. */
  readonly low: Float64Array;
  readonly median: Float64Array;
  /** 90 % quantile. */
  readonly high: Float64Array;
  readonly maximum: Float64Array;
}

/** Quantiles over units at each timestep, interpolated between ranks (R-7, as NumPy's default). */
export function bandOverUnits(series: Series): Band {
  const { steps, width, data } = series;
  const band = { minimum: new Float64Array(steps), low: new Float64Array(steps), median: new Float64Array(steps), high: new Float64Array(steps), maximum: new Float64Array(steps) };
  for (let t = 0; t < steps; t++) {
    const units = Array.from(data.subarray(t * width, (t + 1) * width)).sort((a, b) => a - b);
    const at = (share: number): number => quantileSorted(units, share) ?? Number.NaN;
    band.minimum[t] = at(0);
    band.low[t] = at(0.1);
    band.median[t] = at(0.5);
    band.high[t] = at(0.9);
    band.maximum[t] = at(1);
  }
  return band;
}

/** Mean over units at each timestep. */
export function meanOverUnits(series: Series): Float64Array {
  return mapSteps(series, (units) => units.reduce((sum, value) => sum + value, 0) / series.width);
}

/** Mean over timesteps of each unit, [width]. */
export function meanOverTime(series: Series): Float64Array {
  const means = new Float64Array(series.width);
  for (let t = 0; t < series.steps; t++) {
    for (let unit = 0; unit < series.width; unit++) means[unit] = (means[unit] ?? 0) + (series.data[t * series.width + unit] ?? 0) / series.steps;
  }
  return means;
}

/** Largest |value| of a series; 0 when it is empty. */
export function largestMagnitude(series: Series): number {
  let largest = 0;
  for (const value of series.data) largest = Math.max(largest, Math.abs(value));
  return largest;
}

/** One number a timestep from that timestep's units. */
export function mapSteps(series: Series, measure: (units: Float64Array) => number): Float64Array {
  const units = new Float64Array(series.width);
  return Float64Array.from({ length: series.steps }, (_, t) => {
    units.set(series.data.subarray(t * series.width, (t + 1) * series.width));
    return measure(units);
  });
}
