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
        tanh8(a, h);
        continue;
      }
      for (let half: usize = 0; half < 32; half += 16) {
        const x = v128.load(a + half);
        v128.store(h + half, v128.andnot(x, f32x4.le(x, zero)));
      }
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
    for (const end = h + rows; h < end; h += 16, dh += 16, da += 16) {
      const y = v128.load(h);
      const d = flush(v128.load(dh), tiny);
      v128.store(da, relu ? v128.and(d, f32x4.gt(y, zero)) : f32x4.mul(d, fnma(y, y, unit)));
    }
  }
}
