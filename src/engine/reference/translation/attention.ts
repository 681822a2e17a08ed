import { isReal, type Lengths } from '../padding';
import { rowOf, zeros, type Matrix } from '../matrix';

/** One decoder timestep's look at the source. */
export interface AttentionStep {
  /** aₛ [B,S]: how much of each source step goes into the context; 0 at padded ones. */
  readonly weights: Matrix;
  /** [B,O]. */
  readonly context: Matrix;
  /** From the adjoint of the context [B,O]: adds to those of h and of the encoder's outputs, [n·B,O] each, in rows `copy`·B onwards. */
  backward(dContext: Matrix, dh: Matrix, dEncoded: readonly Matrix[], copy: number): void;
}

/**
 * Dot-product attention (Luong et al. 2015) of h [B,O] over the encoder's outputs eₛ [B,O], for each sequence:
 *
 *     a = softmax over its real s of (h · eₛ),   context = Σ aₛ eₛ
 *
 * and back, with daₛ = dcontext · eₛ:
 *
 *     dscoreₛ = aₛ (daₛ − Σ aᵣ daᵣ)
 *     dh += Σ dscoreₛ eₛ,   deₛ += aₛ dcontext + dscoreₛ h
 */
export function attend(h: Matrix, encoded: readonly Matrix[], lengths: Lengths): AttentionStep {
  const weights = zeros(h.rows, encoded.length);
  const context = zeros(h.rows, h.columns);
  for (let b = 0; b < h.rows; b++) {
    const scores = encoded.map((e, s) => (isReal(lengths, s, b) ? dot(rowOf(h, b), rowOf(e, b)) : -Infinity));
    const largest = Math.max(...scores);
    const exponentials = scores.map((score) => Math.exp(score - largest));
    const sum = exponentials.reduce((total, value) => total + value, 0);
    rowOf(weights, b).set(exponentials.map((value) => value / sum));
    encoded.forEach((e, s) => addScaled(rowOf(context, b), rowOf(weights, b)[s] ?? 0, rowOf(e, b)));
  }
  return {
    weights,
    context,
    backward(dContext, dh, dEncoded, copy) {
      for (let b = 0; b < h.rows; b++) {
        const row = copy * h.rows + b;
        const a = rowOf(weights, b);
        const da = encoded.map((e) => dot(rowOf(dContext, b), rowOf(e, b)));
        const mean = dot(a, Float64Array.from(da));
        encoded.forEach((e, s) => {
          const weight = a[s] ?? 0;
          const dScore = weight * ((da[s] ?? 0) - mean);
          addScaled(rowOf(dh, row), dScore, rowOf(e, b));
          const dE = dEncoded[s];
          if (!dE) return;
          addScaled(rowOf(dE, row), weight, rowOf(dContext, b));
          addScaled(rowOf(dE, row), dScore, rowOf(h, b));
        });
      }
    },
  };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function addScaled(target: Float64Array, factor: number, source: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] ?? 0) + factor * (source[i] ?? 0);
}
