/*
 * Dot-product attention (Luong et al. 2015) of a decoder's outputs h over an encoder's outputs e:
 *
 *     a = softmax over the source's real s of (hₜ · eₛ),   contextₜ = Σ aₛ eₛ
 *
 * and back, with daₛ = dcontextₜ · eₛ and dscoreₛ = aₛ (daₛ − Σ aᵣ daᵣ):
 *
 *     dhₜ += Σ dscoreₛ eₛ,   deₛ += Σ over t of (aₛ dcontextₜ + dscoreₛ hₜ)
 */
import { exp4, fma, sumOfLanes } from './simd';

/** Where an attention lies in memory; written, in this order, by `src/engine/wasm/translation/attention.ts`. Matrices are column panels. */
@unmanaged
export class Attention {
  /** B. */
  sequences: i32;
  /** T. */
  steps: i32;
  /** S. */
  sourceSteps: i32;
  /** Of h, e and the context each. */
  panels: i32;
  /** [T·B]. */
  hidden: usize;
  hiddenStride: usize;
  /** [S·B]. */
  encoded: usize;
  encodedStride: usize;
  /** Real timesteps of each source [B], or 0 when all have S. */
  lengths: usize;
  /** a, f32 [T·B][S]. */
  weights: usize;
  /** [T·B]. */
  context: usize;
  contextStride: usize;
  /** ∂/∂ context [T·B]. */
  dContext: usize;
  /** ∂/∂h [T·B], with the stride of `dContext`. */
  dHidden: usize;
  dStride: usize;
  /** ∂/∂e [S·B]. */
  dEncoded: usize;
  dEncodedStride: usize;
  /** f32 [B][S]. */
  scratch: usize;
}

@inline
export function lengthOf(a: Attention, b: i32): i32 {
  return a.lengths == 0 ? a.sourceSteps : load<i32>(a.lengths + (<usize>b << 2));
}

/** x · y of one row each. */
@inline
export function dotRows(panels: i32, x: usize, xStride: usize, y: usize, yStride: usize): f32 {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  for (let p = 0; p < panels; p++, x += xStride, y += yStride) {
    sum0 = fma(v128.load(x), v128.load(y), sum0);
    sum1 = fma(v128.load(x, 16), v128.load(y, 16), sum1);
  }
  return sumOfLanes(f32x4.add(sum0, sum1));
}

/** out += factor · x, of one row each. */
@inline
function addRow(panels: i32, factor: f32, x: usize, xStride: usize, out: usize, outStride: usize): void {
  const scale = f32x4.splat(factor);
  for (let p = 0; p < panels; p++, x += xStride, out += outStride) {
    v128.store(out, fma(scale, v128.load(x), v128.load(out)));
    v128.store(out, fma(scale, v128.load(x, 16), v128.load(out, 16)), 16);
  }
}

@inline
function exponential(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

/** Weights and contexts of sequences [from, to). `attention`: an `Attention`; the contexts are 0 before. */
export function attentionForward(attention: usize, from: i32, to: i32): void {
  const a = changetype<Attention>(attention);
  for (let b = from; b < to; b++) {
    const length = lengthOf(a, b);
    for (let t = 0; t < a.steps; t++) {
      const row = <usize>(t * a.sequences + b);
      const h = a.hidden + (row << 5);
      const context = a.context + (row << 5);
      const weights = a.weights + ((row * <usize>a.sourceSteps) << 2);
      let most: f32 = -f32.MAX_VALUE;
      for (let s = 0; s < length; s++) {
        const score = dotRows(a.panels, h, a.hiddenStride, a.encoded + (<usize>(s * a.sequences + b) << 5), a.encodedStride);
        store<f32>(weights + (<usize>s << 2), score);
        most = max(most, score);
      }
      let sum: f32 = 0;
      for (let s = 0; s < length; s++) {
        const at = weights + (<usize>s << 2);
        const value = exponential(load<f32>(at) - most);
        store<f32>(at, value);
        sum += value;
      }
      for (let s = 0; s < a.sourceSteps; s++) {
        const at = weights + (<usize>s << 2);
        const weight = s < length ? load<f32>(at) / sum : 0;
        store<f32>(at, weight);
        if (s < length) addRow(a.panels, weight, a.encoded + (<usize>(s * a.sequences + b) << 5), a.encodedStride, context, a.contextStride);
      }
    }
  }
}

/** Adds to ∂/∂h and ∂/∂e of sequences [from, to). */
export function attentionBackward(attention: usize, from: i32, to: i32): void {
  const a = changetype<Attention>(attention);
  for (let b = from; b < to; b++) {
    const length = lengthOf(a, b);
    const scratch = a.scratch + (<usize>(b * a.sourceSteps) << 2);
    for (let t = 0; t < a.steps; t++) {
      const row = <usize>(t * a.sequences + b);
      const h = a.hidden + (row << 5);
      const dContext = a.dContext + (row << 5);
      const dHidden = a.dHidden + (row << 5);
      const weights = a.weights + ((row * <usize>a.sourceSteps) << 2);
      let mean: f32 = 0;
      for (let s = 0; s < length; s++) {
        const da = dotRows(a.panels, dContext, a.dStride, a.encoded + (<usize>(s * a.sequences + b) << 5), a.encodedStride);
        store<f32>(scratch + (<usize>s << 2), da);
        mean += da * load<f32>(weights + (<usize>s << 2));
      }
      for (let s = 0; s < length; s++) {
        const source = <usize>(s * a.sequences + b) << 5;
        const weight = load<f32>(weights + (<usize>s << 2));
        const dScore = weight * (load<f32>(scratch + (<usize>s << 2)) - mean);
        addRow(a.panels, dScore, a.encoded + source, a.encodedStride, dHidden, a.dStride);
        addRow(a.panels, weight, dContext, a.dStride, a.dEncoded + source, a.dEncodedStride);
        addRow(a.panels, dScore, h, a.hiddenStride, a.dEncoded + source, a.dEncodedStride);
      }
    }
  }
}
