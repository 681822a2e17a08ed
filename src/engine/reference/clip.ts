import type { ClipSpec } from '../../spec/schema';
import type { ParameterData } from './parameters';

/** ‖g‖₂ over all parameters together. */
export function globalNorm(gradients: ParameterData): number {
  let squares = 0;
  for (const data of gradients.values()) for (const value of data) squares += value * value;
  return Math.sqrt(squares);
}

/**
 * Clips in place, given ‖g‖, and says whether that changed anything (Pascanu et al. 2013):
 *
 *     norm:   g ← θ/‖g‖ · g   when ‖g‖ > θ
 *     value:  gᵢ ← min(max(gᵢ, −θ), θ)
 */
export function clipGradients(gradients: ParameterData, clip: ClipSpec | undefined, norm: number): boolean {
  if (!clip) return false;
  const { kind, threshold } = clip;
  if (kind === 'norm') {
    if (!(norm > threshold)) return false;
    for (const data of gradients.values()) data.forEach((value, i) => (data[i] = value * (threshold / norm)));
    return true;
  }
  let clipped = false;
  for (const data of gradients.values()) {
    data.forEach((value, i) => {
      if (Math.abs(value) <= threshold) return;
      clipped = true;
      data[i] = Math.sign(value) * threshold;
    });
  }
  return clipped;
}
