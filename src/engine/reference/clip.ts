import type { ClipSpec } from '../../spec/schema';
import { degreesBetween, largestShare, type ClippingReport } from '../clipping';
import type { ParameterData } from './parameters';

/**
 * Clips in place and tells what that did (Pascanu et al. 2013):
 *
 *     norm:   g ← θ/‖g‖ · g   when ‖g‖ > θ
 *     value:  gᵢ ← min(max(gᵢ, −θ), θ)
 */
export function clipGradients(gradients: ParameterData, clip: ClipSpec | undefined): ClippingReport {
  const normBefore = globalNorm(gradients);
  const largest = largestShare([...gradients.keys()], Float64Array.from(gradients.values(), sumOfSquares));
  if (clip?.kind === 'value') return { normBefore, largest, ...clipValues(gradients, clip.threshold, normBefore) };
  if (!clip || !(normBefore > clip.threshold)) return { normBefore, normAfter: normBefore, engaged: false, largest };
  const scale = clip.threshold / normBefore;
  for (const data of gradients.values()) data.forEach((value, i) => (data[i] = value * scale));
  return { normBefore, normAfter: normBefore * scale, engaged: true, largest };
}

/** ‖g‖₂ over all parameters together. */
export function globalNorm(gradients: ParameterData): number {
  let squares = 0;
  for (const data of gradients.values()) squares += sumOfSquares(data);
  return Math.sqrt(squares);
}

function clipValues(gradients: ParameterData, threshold: number, normBefore: number): Pick<ClippingReport, 'normAfter' | 'engaged' | 'angle'> {
  let [engaged, dot] = [false, 0];
  for (const data of gradients.values()) {
    data.forEach((value, i) => {
      const clipped = Math.abs(value) > threshold ? Math.sign(value) * threshold : value;
      if (clipped !== value) engaged = true;
      dot += clipped * value;
      data[i] = clipped;
    });
  }
  const normAfter = engaged ? globalNorm(gradients) : normBefore;
  return { normAfter, engaged, angle: engaged ? degreesBetween(dot, normBefore, normAfter) : 0 };
}

function sumOfSquares(data: Float64Array): number {
  let squares = 0;
  for (const value of data) squares += value * value;
  return squares;
}
