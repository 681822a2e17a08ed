/** Sizes of an attention: T decoder steps over S encoder steps with O features, for B sequences. */
export interface AttentionSizes {
  readonly sequences: number;
  readonly steps: number;
  readonly sourceSteps: number;
  readonly size: number;
}

/** What the decoder's outputs h [B,T,O] see of the encoder's e [B,S,O]. */
export interface Attention {
  /** [B,T,S]; 0 at padded source steps. */
  readonly weights: Float32Array;
  /** [B,T,O]. */
  readonly context: Float32Array;
}

/**
 * Dot-product attention (Luong et al. 2015), as `src/engine/reference/translation/attention.ts` explains it.
 * Plain code: for words and short sentences it is a small share of a step.
 */
export function attend(h: Float32Array, e: Float32Array, { sequences, steps, sourceSteps, size }: AttentionSizes, lengths: Int32Array | undefined): Attention {
  const weights = new Float32Array(sequences * steps * sourceSteps);
  const context = new Float32Array(h.length);
  for (let b = 0; b < sequences; b++) {
    const length = lengths?.[b] ?? sourceSteps;
    for (let t = 0; t < steps; t++) {
      const [row, scores] = [(b * steps + t) * size, (b * steps + t) * sourceSteps];
      let largest = -Infinity;
      for (let s = 0; s < length; s++) {
        const score = dot(h, row, e, (b * sourceSteps + s) * size, size);
        weights[scores + s] = score;
        largest = Math.max(largest, score);
      }
      let sum = 0;
      for (let s = 0; s < length; s++) sum += weights[scores + s] = Math.exp((weights[scores + s] ?? 0) - largest);
      for (let s = 0; s < length; s++) {
        const weight = (weights[scores + s] ?? 0) / sum;
        weights[scores + s] = weight;
        addScaled(context, row, weight, e, (b * sourceSteps + s) * size, size);
      }
    }
  }
  return { weights, context };
}

/** From the adjoint of the context [B,T,O]: those of h [B,T,O] and e [B,S,O]. */
export function attendBackward(h: Float32Array, e: Float32Array, weights: Float32Array, dContext: Float32Array, { sequences, steps, sourceSteps, size }: AttentionSizes, lengths: Int32Array | undefined): { readonly dh: Float32Array; readonly de: Float32Array } {
  const [dh, de, da] = [new Float32Array(h.length), new Float32Array(e.length), new Float64Array(sourceSteps)];
  for (let b = 0; b < sequences; b++) {
    const length = lengths?.[b] ?? sourceSteps;
    for (let t = 0; t < steps; t++) {
      const [row, scores] = [(b * steps + t) * size, (b * steps + t) * sourceSteps];
      let mean = 0;
      for (let s = 0; s < length; s++) {
        const d = dot(dContext, row, e, (b * sourceSteps + s) * size, size);
        da[s] = d;
        mean += d * (weights[scores + s] ?? 0);
      }
      for (let s = 0; s < length; s++) {
        const weight = weights[scores + s] ?? 0;
        const dScore = weight * ((da[s] ?? 0) - mean);
        const source = (b * sourceSteps + s) * size;
        addScaled(dh, row, dScore, e, source, size);
        addScaled(de, source, weight, dContext, row, size);
        addScaled(de, source, dScore, h, row, size);
      }
    }
  }
  return { dh, de };
}

function dot(a: Float32Array, aAt: number, b: Float32Array, bAt: number, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += (a[aAt + i] ?? 0) * (b[bAt + i] ?? 0);
  return sum;
}

function addScaled(target: Float32Array, targetAt: number, factor: number, source: Float32Array, sourceAt: number, size: number): void {
  for (let i = 0; i < size; i++) target[targetAt + i] = (target[targetAt + i] ?? 0) + factor * (source[sourceAt + i] ?? 0);
}
