import { Attention, dotRows, lengthOf } from './attention';
import { fma } from './simd';

const LOG2E: f64 = 1.4426950408889634;

/**
 * What reaches the encoder's outputs from one timestep of the decoder alone, for traces: rows s·B + b of
 * `dEncoded`, which has S·B of them, for sequences [from, to). Each row has a power of two of its own, from the
 * logarithm of its weight, so that a weight far below f32's 1e-38 does not make it vanish.
 */
export function attentionAdjoint(attention: usize, t: i32, from: i32, to: i32, exponents: usize): void {
  const a = changetype<Attention>(attention);
  for (let b = from; b < to; b++) {
    const length = lengthOf(a, b);
    const row = <usize>(t * a.sequences + b);
    const h = a.hidden + (row << 5);
    const dContext = a.dContext + (row << 5);
    const scratch = a.scratch + (<usize>(b * a.sourceSteps) << 2);
    const weights = a.weights + ((row * <usize>a.sourceSteps) << 2);
    // 1. Σ aᵣ daᵣ, and the largest weight, from which the others' logarithms are told by their scores.
    let mean: f32 = 0;
    let largest = 0;
    for (let s = 0; s < length; s++) {
      const da = dotRows(a.panels, dContext, a.dStride, a.encoded + (<usize>(s * a.sequences + b) << 5), a.encodedStride);
      store<f32>(scratch + (<usize>s << 2), da);
      const weight = load<f32>(weights + (<usize>s << 2));
      mean += da * weight;
      if (weight > load<f32>(weights + (<usize>largest << 2))) largest = s;
    }
    const most = dotRows(a.panels, h, a.hiddenStride, a.encoded + (<usize>(largest * a.sequences + b) << 5), a.encodedStride);
    const logLargest = NativeMath.log2(<f64>load<f32>(weights + (<usize>largest << 2)));
    // 2. aₛ (dcontext + (daₛ − Σ aᵣ daᵣ) h), aₛ = 2^exponent · factor.
    for (let s = 0; s < a.sourceSteps; s++) {
      const source = <usize>(s * a.sequences + b);
      let out = a.dEncoded + (source << 5);
      let exponent: f64 = 0;
      let factor: f32 = 0;
      let along: f32 = 0;
      if (s < length) {
        const score = dotRows(a.panels, h, a.hiddenStride, a.encoded + (source << 5), a.encodedStride);
        const logWeight = logLargest + <f64>(score - most) * LOG2E;
        exponent = NativeMath.floor(logWeight);
        factor = <f32>NativeMath.exp2(logWeight - exponent);
        along = factor * (load<f32>(scratch + (<usize>s << 2)) - mean);
      }
      store<i32>(exponents + (source << 2), <i32>exponent);
      for (let p = 0; p < a.panels; p++, out += a.dEncodedStride) {
        for (let half: usize = 0; half < 32; half += 16) {
          const dc = v128.load(dContext + a.dStride * <usize>p + half);
          const hidden = v128.load(h + a.hiddenStride * <usize>p + half);
          v128.store(out + half, fma(f32x4.splat(along), hidden, f32x4.mul(f32x4.splat(factor), dc)));
        }
      }
    }
  }
}
