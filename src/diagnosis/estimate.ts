import type { Estimate } from '../shared/diagnosis';

/** Mean and standard error of values of which each comes from another sequence. */
export function estimateOf(values: readonly number[]): Estimate {
  const count = values.length;
  if (count === 0) return { mean: 0, error: Infinity };
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: count > 1 ? Math.sqrt(squares / (count - 1) / count) : Infinity };
}

/** How many standard errors an estimate lies above 0; 0 when it is exactly 0. */
export function zOf({ mean, error }: Estimate): number {
  return mean === 0 ? 0 : mean / Math.max(error, Number.MIN_VALUE);
}

/** An estimate in another unit. */
export function scaled({ mean, error }: Estimate, factor: number): Estimate {
  return { mean: mean * factor, error: error * factor };
}

/** The ends of the 95 % interval (normal: there are hundreds of sequences). */
export function interval({ mean, error }: Estimate): { readonly low: number; readonly high: number } {
  const half = Number.isFinite(error) ? 1.96 * error : Math.max(1, Math.abs(mean));
  return { low: mean - half, high: mean + half };
}
