import { bisectLeft, max, min } from 'd3-array';

/** A curve with at most as many points as pixels; every array has the same length. */
export interface Curve {
  readonly step: Float64Array;
  /** Smallest and largest value of the steps that share a point. */
  readonly minimum: Float64Array;
  readonly maximum: Float64Array;
  /** Exponential moving average at the point's last step. */
  readonly smooth: Float64Array;
}

/** The average forgets half of the past after this many steps, or after 0.7 % of a long run. */
const halfLife = 4;

/** Exponential moving average without the start's bias; values that are not finite leave it as it was. */
export function smoothed(values: ArrayLike<number>): Float64Array {
  const keep = 0.5 ** (1 / Math.max(halfLife, values.length / 150));
  const result = new Float64Array(values.length);
  let sum = 0;
  let weight = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN;
    if (Number.isFinite(value)) {
      sum = keep * sum + (1 - keep) * value;
      weight = keep * weight + (1 - keep);
    }
    result[index] = weight > 0 ? sum / weight : Number.NaN;
  }
  return result;
}

/** Puts steps that fall on one of `points` places together, keeping their extremes: a mean would hide spikes. */
export function reduceCurve(step: Float64Array, values: Float64Array, points: number): Curve {
  const size = Math.max(1, Math.ceil(step.length / Math.max(1, points)));
  const length = Math.ceil(step.length / size);
  const average = smoothed(values);
  const curve = { step: new Float64Array(length), minimum: new Float64Array(length), maximum: new Float64Array(length), smooth: new Float64Array(length) };
  for (let point = 0; point < length; point++) {
    const end = Math.min(step.length, (point + 1) * size);
    const bin = values.subarray(point * size, end);
    curve.step[point] = step[end - 1] ?? 0;
    curve.minimum[point] = min(bin) ?? Number.NaN;
    curve.maximum[point] = max(bin) ?? Number.NaN;
    curve.smooth[point] = average[end - 1] ?? Number.NaN;
  }
  return curve;
}

/** Index of the entry nearest to `step` in an ascending column; −1 when there is none. */
export function nearestIndex(steps: ArrayLike<number>, step: number): number {
  if (steps.length === 0) return -1;
  const after = Math.min(bisectLeft(steps, step), steps.length - 1);
  const before = Math.max(0, after - 1);
  return Math.abs((steps[before] ?? 0) - step) <= Math.abs((steps[after] ?? 0) - step) ? before : after;
}

/** Share of the last `count` steps in which clipping engaged. */
export function clippedShare(clipped: Uint8Array, count: number): number {
  const recent = clipped.subarray(Math.max(0, clipped.length - count));
  return recent.length === 0 ? 0 : recent.reduce((sum, flag) => sum + flag, 0) / recent.length;
}
