/** A straight line through log₁₀ of a flow row. */
export interface Decay {
  /** Change of log₁₀‖∂ℓₜ/∂hₖ‖ for each step further from t; negative vanishes, positive explodes. */
  readonly decadesPerStep: number;
  /** log₁₀ of the line at lag 0. */
  readonly intercept: number;
  readonly firstLag: number;
  readonly lastLag: number;
}

/** The first lags bend (the loss's own neighbourhood) and are left out. */
const firstLag = 3;
const lastLag = 40;

/**
 * Least squares through log₁₀ of `byLag` (norms at lag 0, 1, …) over lags 3 to 40;
 * undefined with fewer than four positive norms there.
 */
export function fitDecay(byLag: ArrayLike<number>): Decay | undefined {
  const points: { lag: number; decade: number }[] = [];
  for (let lag = firstLag; lag <= Math.min(lastLag, byLag.length - 1); lag++) {
    const norm = byLag[lag] ?? 0;
    if (norm > 0 && Number.isFinite(norm)) points.push({ lag, decade: Math.log10(norm) });
  }
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || points.length < 4) return undefined;
  const meanLag = points.reduce((sum, { lag }) => sum + lag, 0) / points.length;
  const meanDecade = points.reduce((sum, { decade }) => sum + decade, 0) / points.length;
  const covariance = points.reduce((sum, { lag, decade }) => sum + (lag - meanLag) * (decade - meanDecade), 0);
  const variance = points.reduce((sum, { lag }) => sum + (lag - meanLag) ** 2, 0);
  const decadesPerStep = covariance / variance;
  return { decadesPerStep, intercept: meanDecade - decadesPerStep * meanLag, firstLag: first.lag, lastLag: last.lag };
}
