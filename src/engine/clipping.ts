/** What clipping did to the gradients of one training step; without a clip, what there was to clip. */
export interface ClippingReport {
  /** ‖g‖₂ over all parameters together, before clipping. */
  readonly normBefore: number;
  /** The same of what the optimizer got. */
  readonly normAfter: number;
  /** Whether clipping changed anything. */
  readonly engaged: boolean;
  /** The parameter that gives most of ‖g‖² before clipping. */
  readonly largest: LargestShare;
  /**
   * Degrees between g and the clipped g. Only clipping by value has one: clipping by the norm keeps the
   * direction (Pascanu et al. 2013).
   */
  readonly angle?: number;
}

/** One parameter's part in the global norm. */
export interface LargestShare {
  /** Its name in the files. */
  readonly parameter: string;
  /** ‖g of this parameter‖² / ‖g‖², 0 to 1; 0 when all gradients are 0, NaN when this parameter's are not finite. */
  readonly share: number;
}

/** Finds the largest of the sums of squares by parameter, or else the first that is not finite. */
export function largestShare(parameters: readonly string[], squares: Float64Array): LargestShare {
  let [total, most, largest] = [0, -1, 0];
  for (let i = 0; i < squares.length; i++) {
    const square = squares[i] ?? 0;
    if (!Number.isFinite(square)) return { parameter: parameters[i] ?? '', share: NaN };
    total += square;
    if (square > most) [most, largest] = [square, i];
  }
  return { parameter: parameters[largest] ?? '', share: total > 0 ? most / total : 0 };
}

/** The angle between two vectors in degrees, 0 when one of them is 0; exact to about 10⁻⁶. */
export function degreesBetween(dot: number, normA: number, normB: number): number {
  const product = normA * normB;
  return product === 0 ? 0 : (Math.acos(Math.min(1, Math.max(-1, dot / product))) * 180) / Math.PI;
}
