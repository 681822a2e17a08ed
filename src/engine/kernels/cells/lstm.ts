/*
 * The LSTM (Hochreiter and Schmidhuber 1997; gates in the order i, f, g, o of torch.nn.LSTM):
 *
 *     [aᵢ, a_f, a_g, a_o] = W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh
 *     i = σ(aᵢ),  f = σ(a_f),  g = tanh(a_g),  o = σ(a_o)
 *     cₜ = f ⊙ cₜ₋₁ + i ⊙ g
 *     hₜ = o ⊙ tanh(cₜ)
 *
 * and back, where dy stands for the derivative of the loss by y, and dcₜ on the right for what comes from
 * the timestep after:
 *
 *     dcₜ = dcₜ + dhₜ ⊙ o ⊙ (1 − tanh²cₜ)
 *     da_o = dhₜ ⊙ tanh(cₜ) ⊙ o(1 − o)
 *     daᵢ = dcₜ ⊙ g ⊙ i(1 − i)
 *     da_g = dcₜ ⊙ i ⊙ (1 − g²)
 *     da_f = dcₜ ⊙ cₜ₋₁ ⊙ f(1 − f)
 *     dcₜ₋₁ = dcₜ ⊙ f,  dhₜ₋₁ = W_hhᵀ [daᵢ, da_f, da_g, da_o]
 *
 * Blocks of the pre-activations: i, f, g, o. dc is what `carry` carries.
 */
import { flush, fma, fnma, one, sigmoid8, tanh8 } from '../simd';
import { Adjoints, gatherAdjoint, multiplyRecurrent, Recurrence, rowsOf } from './cell';

export function lstmForward(r: Recurrence, t: i32, u0: i32, u1: i32): void {
  const block = rowsOf(r, t + 1);
  multiplyRecurrent(r, t, r.hidden + block + r.before, r.hiddenStride, r.weight, 0, 4, u0, u1);
  const rows = <usize>r.rows << 5;
  const gate = r.gateStride * <usize>r.unitPanels;
  const before = r.before;
  // 1. All gates, and only then 2. the states: each row would otherwise wait for its own c before the next begins.
  for (let u = u0; u < u1; u++) {
    let ai = r.gates + rowsOf(r, t) + r.gateStride * <usize>u;
    let af = ai + gate;
    let ag = af + gate;
    let ao = ag + gate;
    for (const end = ai + rows; ai < end; ai += 32, af += 32, ag += 32, ao += 32) {
      sigmoid8(ai);
      sigmoid8(af);
      tanh8(v128.load(ag), v128.load(ag, 16), ag);
      sigmoid8(ao);
    }
  }
  for (let u = u0; u < u1; u++) {
    const panel = <usize>u;
    let i = r.gates + rowsOf(r, t) + r.gateStride * panel;
    let f = i + gate;
    let g = f + gate;
    let o = g + gate;
    let tc = r.cellTanh + rowsOf(r, t) + r.gateStride * panel;
    let cell = r.cellState + block + r.hiddenStride * panel;
    let h = r.hidden + block + r.hiddenStride * panel;
    for (const end = i + rows; i < end; i += 32, f += 32, g += 32, o += 32, tc += 32, cell += 32, h += 32) {
      const c0 = fma(v128.load(f), v128.load(cell + before), f32x4.mul(v128.load(i), v128.load(g)));
      const c1 = fma(v128.load(f, 16), v128.load(cell + before, 16), f32x4.mul(v128.load(i, 16), v128.load(g, 16)));
      v128.store(cell, c0);
      v128.store(cell, c1, 16);
      tanh8(c0, c1, tc);
      const h0 = f32x4.mul(v128.load(o), v128.load(tc));
      const h1 = f32x4.mul(v128.load(o, 16), v128.load(tc, 16));
      v128.store(h, h0);
      v128.store(h, h1, 16);
    }
  }
}

export function lstmBackward(r: Recurrence, adjoints: Adjoints, t: i32, later: i32, u0: i32, u1: i32): void {
  gatherAdjoint(r, t, later, 0, 4, u0, u1);
  lstmDerivatives(r, adjoints, t, u0, u1);
}

/** da and dcₜ₋₁ from dhₜ and dcₜ, for as many rows as a timestep has. */
export function lstmDerivatives(r: Recurrence, adjoints: Adjoints, t: i32, u0: i32, u1: i32): void {
  const unit = one();
  const tiny = f32x4.splat(adjoints.tiny);
  const rows = <usize>r.rows << 5;
  const gate = r.gateStride * <usize>r.unitPanels;
  const dGate = adjoints.gateStride * <usize>r.unitPanels;
  for (let u = u0; u < u1; u++) {
    const panel = <usize>u;
    let ai = r.gates + rowsOf(r, t) + r.gateStride * panel;
    let af = ai + gate;
    let ag = af + gate;
    let ao = ag + gate;
    let tc = r.cellTanh + rowsOf(r, t) + r.gateStride * panel;
    let cBefore = r.cellState + rowsOf(r, t + 1) + r.before + r.hiddenStride * panel;
    let dh = adjoints.hidden + adjoints.hiddenStride * panel;
    let dc = adjoints.carry + adjoints.carryStride * panel;
    let di = adjoints.gates + adjoints.gateStride * panel;
    let df = di + dGate;
    let dg = df + dGate;
    let dO = dg + dGate;
    for (const end = ai + rows; ai < end; ai += 32, af += 32, ag += 32, ao += 32, tc += 32, cBefore += 32, dh += 32, dc += 32, di += 32, df += 32, dg += 32, dO += 32) {
      const i0 = v128.load(ai);
      const i1 = v128.load(ai, 16);
      const f0 = v128.load(af);
      const f1 = v128.load(af, 16);
      const g0 = v128.load(ag);
      const g1 = v128.load(ag, 16);
      const o0 = v128.load(ao);
      const o1 = v128.load(ao, 16);
      const tanhC0 = v128.load(tc);
      const tanhC1 = v128.load(tc, 16);
      const dHidden0 = flush(v128.load(dh), tiny);
      const dHidden1 = flush(v128.load(dh, 16), tiny);
      const through0 = f32x4.mul(dHidden0, o0);
      const through1 = f32x4.mul(dHidden1, o1);
      const dO0 = f32x4.mul(f32x4.mul(through0, tanhC0), f32x4.sub(unit, o0));
      const dO1 = f32x4.mul(f32x4.mul(through1, tanhC1), f32x4.sub(unit, o1));
      v128.store(dO, dO0);
      v128.store(dO, dO1, 16);
      const dCell0 = fma(through0, fnma(tanhC0, tanhC0, unit), v128.load(dc));
      const dCell1 = fma(through1, fnma(tanhC1, tanhC1, unit), v128.load(dc, 16));
      const dNew0 = f32x4.mul(dCell0, i0);
      const dNew1 = f32x4.mul(dCell1, i1);
      const di0 = f32x4.mul(f32x4.mul(dNew0, g0), f32x4.sub(unit, i0));
      const di1 = f32x4.mul(f32x4.mul(dNew1, g1), f32x4.sub(unit, i1));
      v128.store(di, di0);
      v128.store(di, di1, 16);
      const dg0 = f32x4.mul(dNew0, fnma(g0, g0, unit));
      const dg1 = f32x4.mul(dNew1, fnma(g1, g1, unit));
      v128.store(dg, dg0);
      v128.store(dg, dg1, 16);
      const dBefore0 = flush(f32x4.mul(dCell0, f0), tiny);
      const dBefore1 = flush(f32x4.mul(dCell1, f1), tiny);
      const df0 = f32x4.mul(f32x4.mul(dBefore0, v128.load(cBefore)), f32x4.sub(unit, f0));
      const df1 = f32x4.mul(f32x4.mul(dBefore1, v128.load(cBefore, 16)), f32x4.sub(unit, f1));
      v128.store(df, df0);
      v128.store(df, df1, 16);
      v128.store(dc, dBefore0);
      v128.store(dc, dBefore1, 16);
    }
  }
}

/** dcₜ in total, which a trace shows and training never stores: dc of the timestep after, plus what comes through hₜ. */
export function lstmCellAdjoint(r: Recurrence, adjoints: Adjoints, t: i32, total: usize, totalStride: usize): void {
  const unit = one();
  const rows = <usize>r.rows << 5;
  for (let u = 0; u < r.unitPanels; u++) {
    const panel = <usize>u;
    let o = r.gates + rowsOf(r, t) + r.gateStride * <usize>(3 * r.unitPanels + u);
    let tc = r.cellTanh + rowsOf(r, t) + r.gateStride * panel;
    let dh = adjoints.hidden + adjoints.hiddenStride * panel;
    let dc = adjoints.carry + adjoints.carryStride * panel;
    let sum = total + totalStride * panel;
    for (const end = o + rows; o < end; o += 16, tc += 16, dh += 16, dc += 16, sum += 16) {
      const tanhC = v128.load(tc);
      v128.store(sum, fma(f32x4.mul(v128.load(dh), v128.load(o)), fnma(tanhC, tanhC, unit), v128.load(dc)));
    }
  }
}
