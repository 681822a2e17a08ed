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

/** A report that is written anew, step by step. */
export type ClippingNotes = { -readonly [K in keyof Omit<ClippingReport, 'largest'>]: ClippingReport[K] } & { readonly largest: { -readonly [K in keyof LargestShare]: LargestShare[K] } };

/** Finds the largest of the sums of squares by parameter, or else the first that is not finite; into `found`, if given. */
export function largestShare(parameters: readonly string[], squares: Float64Array, found: ClippingNotes['largest'] = { parameter: '', share: 0 }): LargestShare {
  let total = 0;
  let most = 0;
  let largest = 0;
  for (let i = 0; i < squares.length; i++) {
    const square = squares[i] ?? 0;
    total += square;
    // A comparison that NaN fails as well.
    if (!(square <= most)) {
      most = square;
      largest = i;
      if (!Number.isFinite(square)) break;
    }
  }
  found.parameter = parameters[largest] ?? '';
  // 0 of 0 is 0; ∞/∞ is NaN. Without a branch V8 makes no object of the number.
  found.share = most / Math.max(total, Number.MIN_VALUE);
  return found;
}

/** The angle between two vectors in degrees, 0 when one of them is 0; exact to about 10⁻⁶. */
export function degreesBetween(dot: number, normA: number, normB: number): number {
  const product = normA * normB;
  return product === 0 ? 0 : (Math.acos(Math.min(1, Math.max(-1, dot / product))) * 180) / Math.PI;
}
