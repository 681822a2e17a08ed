/*
 * The vanilla RNN (Elman 1990; torch.nn.RNN), f = tanh or relu:
 *
 *     hₜ = f(W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh)
 *
 * and back, with a the argument of f:
 *
 *     da = dhₜ ⊙ (1 − hₜ²)          tanh
 *     da = dhₜ where hₜ > 0         relu
 *     dhₜ₋₁ = W_hhᵀ da
 *
 * Block of the pre-activations: a.
 */
import { flush, fnma, one, tanh8 } from '../simd';
import { Adjoints, gatherAdjoint, multiplyRecurrent, Recurrence, RNN_RELU, rowsOf } from './cell';

export function rnnForward(r: Recurrence, t: i32, u0: i32, u1: i32): void {
  const states = r.hidden + rowsOf(r, t + 1);
  multiplyRecurrent(r, t, states + r.before, r.hiddenStride, r.weight, 0, 1, u0, u1);
  const relu = r.cell == RNN_RELU;
  const zero = f32x4.splat(0);
  const rows = <usize>r.rows << 5;
  for (let u = u0; u < u1; u++) {
    let h = states + r.hiddenStride * <usize>u;
    let a = r.gates + rowsOf(r, t) + r.gateStride * <usize>u;
    for (const end = a + rows; a < end; a += 32, h += 32) {
      if (!relu) {
        tanh8(v128.load(a), v128.load(a, 16), h);
        continue;
      }
      const x0 = v128.load(a);
      const x1 = v128.load(a, 16);
      v128.store(h, v128.andnot(x0, f32x4.le(x0, zero)));
      v128.store(h, v128.andnot(x1, f32x4.le(x1, zero)), 16);
    }
  }
}

export function rnnBackward(r: Recurrence, adjoints: Adjoints, t: i32, later: i32, u0: i32, u1: i32): void {
  gatherAdjoint(r, t, later, 0, 1, u0, u1);
  rnnDerivatives(r, adjoints, t, u0, u1);
}

/** da from dhₜ, for as many rows as a timestep has. */
export function rnnDerivatives(r: Recurrence, adjoints: Adjoints, t: i32, u0: i32, u1: i32): void {
  const relu = r.cell == RNN_RELU;
  const zero = f32x4.splat(0);
  const unit = one();
  const tiny = f32x4.splat(adjoints.tiny);
  const rows = <usize>r.rows << 5;
  for (let u = u0; u < u1; u++) {
    const panel = <usize>u;
    let h = r.hidden + rowsOf(r, t + 1) + r.hiddenStride * panel;
    let dh = adjoints.hidden + adjoints.hiddenStride * panel;
    let da = adjoints.gates + adjoints.gateStride * panel;
    for (const end = h + rows; h < end; h += 32, dh += 32, da += 32) {
      const y0 = v128.load(h);
      const y1 = v128.load(h, 16);
      const d0 = flush(v128.load(dh), tiny);
      const d1 = flush(v128.load(dh, 16), tiny);
      if (relu) {
        v128.store(da, v128.and(d0, f32x4.gt(y0, zero)));
        v128.store(da, v128.and(d1, f32x4.gt(y1, zero)), 16);
      } else {
        v128.store(da, f32x4.mul(d0, fnma(y0, y0, unit)));
        v128.store(da, f32x4.mul(d1, fnma(y1, y1, unit)), 16);
      }
    }
  }
}
