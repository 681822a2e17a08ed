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
      tanh8(ag, ag);
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
      v128.store(cell, fma(v128.load(f), v128.load(cell + before), f32x4.mul(v128.load(i), v128.load(g))));
      v128.store(cell, fma(v128.load(f, 16), v128.load(cell + before, 16), f32x4.mul(v128.load(i, 16), v128.load(g, 16))), 16);
      tanh8(cell, tc);
      v128.store(h, f32x4.mul(v128.load(o), v128.load(tc)));
      v128.store(h, f32x4.mul(v128.load(o, 16), v128.load(tc, 16)), 16);
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
    for (const end = ai + rows; ai < end; ai += 16, af += 16, ag += 16, ao += 16, tc += 16, cBefore += 16, dh += 16, dc += 16, di += 16, df += 16, dg += 16, dO += 16) {
      const i = v128.load(ai);
      const f = v128.load(af);
      const g = v128.load(ag);
      const o = v128.load(ao);
      const tanhC = v128.load(tc);
      const dHidden = flush(v128.load(dh), tiny);
      const through = f32x4.mul(dHidden, o);
      const dCell = fma(through, fnma(tanhC, tanhC, unit), v128.load(dc));
      const dNew = f32x4.mul(dCell, i);
      const dBefore = flush(f32x4.mul(dCell, f), tiny);
      v128.store(dO, f32x4.mul(f32x4.mul(through, tanhC), f32x4.sub(unit, o)));
      v128.store(di, f32x4.mul(f32x4.mul(dNew, g), f32x4.sub(unit, i)));
      v128.store(dg, f32x4.mul(dNew, fnma(g, g, unit)));
      v128.store(df, f32x4.mul(f32x4.mul(dBefore, v128.load(cBefore)), f32x4.sub(unit, f)));
      v128.store(dc, dBefore);
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
