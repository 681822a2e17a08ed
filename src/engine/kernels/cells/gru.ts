/*
 * The GRU (Cho et al. 2014; gates r, z, n of torch.nn.GRU, whose z keeps the old state):
 *
 *     r = σ(aᵣ),  aᵣ  = W_ir xₜ + b_ir + W_hr hₜ₋₁ + b_hr
 *     z = σ(a_z), a_z = W_iz xₜ + b_iz + W_hz hₜ₋₁ + b_hz
 *     n = tanh(aₙ)
 *     hₜ = (1 − z) ⊙ n + z ⊙ hₜ₋₁
 *
 * The reset gate acts after the recurrent product (PyTorch, cuDNN) or before it (the original paper):
 *
 *     after:   s = W_hn hₜ₋₁ + b_hn,  aₙ = W_in xₜ + b_in + r ⊙ s
 *     before:  q = r ⊙ hₜ₋₁,          aₙ = W_in xₜ + b_in + W_hn q + b_hn
 *
 * and back, where dy stands for the derivative of the loss by y:
 *
 *     daₙ = dhₜ ⊙ (1 − z) ⊙ (1 − n²)
 *     da_z = dhₜ ⊙ (hₜ₋₁ − n) ⊙ z(1 − z)
 *     after:   ds = daₙ ⊙ r,     daᵣ = daₙ ⊙ s ⊙ r(1 − r)
 *     before:  dq = W_hnᵀ daₙ,   daᵣ = dq ⊙ hₜ₋₁ ⊙ r(1 − r)
 *     dhₜ₋₁ = dhₜ ⊙ z + W_hrᵀ daᵣ + W_hzᵀ da_z + (after: W_hnᵀ ds;  before: dq ⊙ r)
 *
 * Blocks of the pre-activations: n, r, z, and s or q. So what comes from xₜ (n, r, z) is one product, and so is
 * what comes from hₜ₋₁ (after: r, z, s; before: r, z). The parts of dhₜ₋₁ that need no product are what
 * `carry` carries.
 *
 * Resetting before takes two stages a timestep, as n needs all of r ⊙ hₜ₋₁.
 */
import { multiply } from '../product';
import { flush, fma, fnma, one, sigmoid4, sigmoid8, tanh4, tanh8 } from '../simd';
import { Adjoints, gatherAdjoint, multiplyRecurrent, Recurrence, rowsOf } from './cell';

export function gruForward(r: Recurrence, t: i32, u0: i32, u1: i32): void {
  const states = r.hidden + rowsOf(r, t + 1);
  const before = r.before;
  multiplyRecurrent(r, t, states + before, r.hiddenStride, r.weight, 1, 3, u0, u1);
  const rows = <usize>r.rows << 5;
  const gate = r.gateStride * <usize>r.unitPanels;
  for (let u = u0; u < u1; u++) {
    let an = r.gates + rowsOf(r, t) + r.gateStride * <usize>u;
    let ar = an + gate;
    let az = ar + gate;
    let s = az + gate;
    let h = states + r.hiddenStride * <usize>u;
    for (const end = an + rows; an < end; an += 32, ar += 32, az += 32, s += 32, h += 32) {
      sigmoid8(ar);
      sigmoid8(az);
      tanh8(fma(v128.load(ar), v128.load(s), v128.load(an)), fma(v128.load(ar, 16), v128.load(s, 16), v128.load(an, 16)), an);
      const n0 = v128.load(an);
      const n1 = v128.load(an, 16);
      const h0 = fma(v128.load(az), f32x4.sub(v128.load(h + before), n0), n0);
      const h1 = fma(v128.load(az, 16), f32x4.sub(v128.load(h + before, 16), n1), n1);
      v128.store(h, h0);
      v128.store(h, h1, 16);
    }
  }
}

export function gruBackward(r: Recurrence, adjoints: Adjoints, t: i32, later: i32, u0: i32, u1: i32): void {
  gatherAdjoint(r, t, later, 1, 3, u0, u1);
  gruDerivatives(r, adjoints, t, u0, u1);
}

/** All of da, ds and dhₜ ⊙ z from dhₜ, for as many rows as a timestep has; `carry` is added to dhₜ first. */
export function gruDerivatives(r: Recurrence, adjoints: Adjoints, t: i32, u0: i32, u1: i32): void {
  const unit = one();
  const tiny = f32x4.splat(adjoints.tiny);
  const rows = <usize>r.rows << 5;
  const gate = r.gateStride * <usize>r.unitPanels;
  const dGate = adjoints.gateStride * <usize>r.unitPanels;
  for (let u = u0; u < u1; u++) {
    const panel = <usize>u;
    let an = r.gates + rowsOf(r, t) + r.gateStride * panel;
    let ar = an + gate;
    let az = ar + gate;
    let as = az + gate;
    let hBefore = r.hidden + rowsOf(r, t + 1) + r.before + r.hiddenStride * panel;
    let dh = adjoints.hidden + adjoints.hiddenStride * panel;
    let carry = adjoints.carry + adjoints.carryStride * panel;
    let dn = adjoints.gates + adjoints.gateStride * panel;
    let dr = dn + dGate;
    let dz = dr + dGate;
    let ds = dz + dGate;
    for (const end = an + rows; an < end; an += 32, ar += 32, az += 32, as += 32, hBefore += 32, dh += 32, carry += 32, dn += 32, dr += 32, dz += 32, ds += 32) {
      const n0 = v128.load(an);
      const n1 = v128.load(an, 16);
      const r0 = v128.load(ar);
      const r1 = v128.load(ar, 16);
      const z0 = v128.load(az);
      const z1 = v128.load(az, 16);
      const d0 = flush(f32x4.add(v128.load(dh), v128.load(carry)), tiny);
      const d1 = flush(f32x4.add(v128.load(dh, 16), v128.load(carry, 16)), tiny);
      const keep0 = f32x4.mul(d0, z0);
      const keep1 = f32x4.mul(d1, z1);
      const dNew0 = f32x4.mul(f32x4.sub(d0, keep0), fnma(n0, n0, unit));
      const dNew1 = f32x4.mul(f32x4.sub(d1, keep1), fnma(n1, n1, unit));
      const dProduct0 = f32x4.mul(dNew0, r0);
      const dProduct1 = f32x4.mul(dNew1, r1);
      const dReset0 = f32x4.mul(f32x4.mul(dProduct0, v128.load(as)), f32x4.sub(unit, r0));
      const dReset1 = f32x4.mul(f32x4.mul(dProduct1, v128.load(as, 16)), f32x4.sub(unit, r1));
      const dKeep0 = f32x4.mul(f32x4.mul(keep0, f32x4.sub(v128.load(hBefore), n0)), f32x4.sub(unit, z0));
      const dKeep1 = f32x4.mul(f32x4.mul(keep1, f32x4.sub(v128.load(hBefore, 16), n1)), f32x4.sub(unit, z1));
      v128.store(dr, dReset0);
      v128.store(dr, dReset1, 16);
      v128.store(dz, dKeep0);
      v128.store(dz, dKeep1, 16);
      v128.store(dn, dNew0);
      v128.store(dn, dNew1, 16);
      v128.store(ds, dProduct0);
      v128.store(ds, dProduct1, 16);
      v128.store(carry, keep0);
      v128.store(carry, keep1, 16);
    }
  }
}

/** Stage 0: r, z and q. Stage 1: n and hₜ. */
export function gruBeforeForward(r: Recurrence, t: i32, stage: i32, u0: i32, u1: i32): void {
  const states = r.hidden + rowsOf(r, t + 1);
  const before = r.before;
  const gate = r.gateStride * <usize>r.unitPanels;
  const q = r.gates + rowsOf(r, t) + 3 * gate;
  if (stage == 0) multiplyRecurrent(r, t, states + before, r.hiddenStride, r.weight, 1, 2, u0, u1);
  else multiplyRecurrent(r, t, q, r.gateStride, r.weight + (<usize>(2 * r.unitPanels * r.unitPanels) << 8), 0, 1, u0, u1);
  const rows = <usize>r.rows << 5;
  for (let u = u0; u < u1; u++) {
    let an = r.gates + rowsOf(r, t) + r.gateStride * <usize>u;
    let ar = an + gate;
    let az = ar + gate;
    let aq = az + gate;
    let h = states + r.hiddenStride * <usize>u;
    for (const end = an + rows; an < end; an += 16, ar += 16, az += 16, aq += 16, h += 16) {
      const hBefore = v128.load(h + before);
      if (stage == 0) {
        const reset = sigmoid4(v128.load(ar));
        v128.store(ar, reset);
        v128.store(az, sigmoid4(v128.load(az)));
        v128.store(aq, f32x4.mul(reset, hBefore));
      } else {
        const n = tanh4(v128.load(an));
        v128.store(an, n);
        v128.store(h, fma(v128.load(az), f32x4.sub(hBefore, n), n));
      }
    }
  }
}

/** Stage 0: daₙ and da_z. Stage 1: dq, into ∂/∂hₜ, which is no longer needed, and daᵣ. */
export function gruBeforeBackward(r: Recurrence, adjoints: Adjoints, t: i32, later: i32, stage: i32, u0: i32, u1: i32): void {
  if (stage == 0) {
    gatherAdjoint(r, t, later, 1, 2, u0, u1);
    gruBeforeDerivatives(r, adjoints, t, u0, u1);
  } else {
    gruBeforeProduct(r, adjoints, r.rows, u0, u1);
    gruBeforeResetDerivatives(r, adjoints, t, u0, u1);
  }
}

/** dq = W_hnᵀ daₙ for `rows` rows, into ∂/∂hₜ. */
export function gruBeforeProduct(r: Recurrence, adjoints: Adjoints, rows: i32, u0: i32, u1: i32): void {
  const panels = r.unitPanels;
  for (let u = u0; u < u1; u++) memory.fill(adjoints.hidden + adjoints.hiddenStride * <usize>u, 0, <usize>rows << 5);
  multiply(rows, panels, adjoints.gates, adjoints.gateStride, r.transposedNew + (<usize>(u0 * panels) << 8), adjoints.hidden + adjoints.hiddenStride * <usize>u0, adjoints.hiddenStride, u1 - u0);
}

/** daₙ, da_z and dhₜ ⊙ z from dhₜ, to which `carry` is added first. */
export function gruBeforeDerivatives(r: Recurrence, adjoints: Adjoints, t: i32, u0: i32, u1: i32): void {
  const unit = one();
  const tiny = f32x4.splat(adjoints.tiny);
  const rows = <usize>r.rows << 5;
  const gate = r.gateStride * <usize>r.unitPanels;
  const dGate = adjoints.gateStride * <usize>r.unitPanels;
  for (let u = u0; u < u1; u++) {
    const panel = <usize>u;
    let an = r.gates + rowsOf(r, t) + r.gateStride * panel;
    let az = an + 2 * gate;
    let hBefore = r.hidden + rowsOf(r, t + 1) + r.before + r.hiddenStride * panel;
    let dh = adjoints.hidden + adjoints.hiddenStride * panel;
    let carry = adjoints.carry + adjoints.carryStride * panel;
    let dn = adjoints.gates + adjoints.gateStride * panel;
    let dz = dn + 2 * dGate;
    for (const end = an + rows; an < end; an += 16, az += 16, hBefore += 16, dh += 16, carry += 16, dn += 16, dz += 16) {
      const n = v128.load(an);
      const z = v128.load(az);
      const d = flush(f32x4.add(v128.load(dh), v128.load(carry)), tiny);
      const keep = f32x4.mul(d, z);
      v128.store(dn, f32x4.mul(f32x4.sub(d, keep), fnma(n, n, unit)));
      v128.store(dz, f32x4.mul(f32x4.mul(keep, f32x4.sub(v128.load(hBefore), n)), f32x4.sub(unit, z)));
      v128.store(carry, keep);
    }
  }
}

/** daᵣ from dq, and what dq gives to hₜ₋₁ directly. */
export function gruBeforeResetDerivatives(r: Recurrence, adjoints: Adjoints, t: i32, u0: i32, u1: i32): void {
  const unit = one();
  const rows = <usize>r.rows << 5;
  const gate = r.gateStride * <usize>r.unitPanels;
  const dGate = adjoints.gateStride * <usize>r.unitPanels;
  for (let u = u0; u < u1; u++) {
    const panel = <usize>u;
    let ar = r.gates + rowsOf(r, t) + gate + r.gateStride * panel;
    let hBefore = r.hidden + rowsOf(r, t + 1) + r.before + r.hiddenStride * panel;
    let dq = adjoints.hidden + adjoints.hiddenStride * panel;
    let carry = adjoints.carry + adjoints.carryStride * panel;
    let dr = adjoints.gates + dGate + adjoints.gateStride * panel;
    for (const end = ar + rows; ar < end; ar += 16, hBefore += 16, dq += 16, carry += 16, dr += 16) {
      const reset = v128.load(ar);
      const back = f32x4.mul(v128.load(dq), reset);
      v128.store(dr, f32x4.mul(f32x4.mul(back, v128.load(hBefore)), f32x4.sub(unit, reset)));
      v128.store(carry, f32x4.add(v128.load(carry), back));
    }
  }
}
