/*
 * The way back through one timestep for many losses at once. A cell's derivatives are linear in what comes back to it,
 * unit by unit: with dh and dc from the timestep after,
 *
 *     da_g   = H_g ⊙ dh + C_g ⊙ dc      for every block g of the pre-activations
 *     carry' = H_K ⊙ dh + C_K ⊙ dc
 *
 * where the slopes H and C (of an LSTM alone: no other cell has dc) depend on the gates at t only. So all losses of a
 * sequence that pass this timestep share one Jacobian, for which the blocks are summed once:
 *
 *     dhₜ₋₁ = [dh, dc]·J,   J = [ Σ_g diag(H_g) W_gᵀ ]
 *                               [ Σ_g diag(C_g) W_gᵀ ]
 *
 * A product with J takes half the operations of one with W_hhᵀ for an LSTM and a third for a GRU, and a loss no work of its
 * own on gates. J costs about as much as one loss. The same holds for W_ih and what reaches the layer below.
 */
import { Adjoints, GRU, LSTM, Recurrence, RNN_RELU } from './cells/cell';
import { gruDerivatives } from './cells/gru';
import { lstmDerivatives } from './cells/lstm';
import { rnnDerivatives } from './cells/rnn';
import { NEGLIGIBLE } from './scaledRows';
import { flush, fma } from './simd';
import { ownAdjoints } from './team';

/** A unit's adjoint in all lanes: none, and 1. */
const NOTHING: usize = memory.data<f32>([0, 0, 0, 0, 0, 0, 0, 0]);
const UNIT: usize = memory.data<f32>([1, 1, 1, 1, 1, 1, 1, 1]);

/**
 * The slopes of timesteps [from, to), [T][sources·(blocks + 1)·U]: what a cell makes of dh = 1, its blocks and then
 * `carry`, and of an LSTM (`sources` 2) what it makes of dc = 1. `recurrence`: of one sequence.
 */
export function cellSlopes(from: i32, to: i32, recurrence: usize, sources: i32, blocks: i32, slopes: usize, stride: usize, tiny: f32, team: usize, member: i32): void {
  const r = changetype<Recurrence>(recurrence);
  const a = changetype<Adjoints>(ownAdjoints(team, member));
  const panels = r.unitPanels;
  a.gateStride = stride;
  a.hiddenStride = 0;
  a.carryStride = stride;
  a.tiny = tiny;
  for (let source = 0; source < sources; source++) {
    a.hidden = source == 0 ? UNIT : NOTHING;
    const begun = source == 0 ? NOTHING : UNIT;
    for (let t = from; t < to; t++) {
      a.gates = slopes + stride * <usize>(source * (blocks + 1) * panels) + (<usize>t << 5);
      a.carry = a.gates + stride * <usize>(blocks * panels);
      for (let u = 0; u < panels; u++) memory.copy(a.carry + stride * <usize>u, begun, 32);
      if (r.cell == LSTM) lstmDerivatives(r, a, t, 0, panels);
      else if (r.cell == GRU) gruDerivatives(r, a, t, 0, panels);
      else if (r.cell <= RNN_RELU) rnnDerivatives(r, a, t, 0, panels);
    }
  }
}

/**
 * Panels [from, to) of J, [panels][8·sources·unitPanels][8]. `slopes`: H₁ of the first of `blocks` blocks of one
 * timestep, C₁ stands `sourceSkip` bytes behind it; `weight`: all W_gᵀ, [panels][8·blocks·unitPanels][8].
 *
 *     for each panel of J
 *       for each unit: its row of J for dh and for dc, a sum over blocks
 */
export function cellJacobian(from: i32, to: i32, unitPanels: i32, sources: i32, blocks: i32, slopes: usize, stride: usize, sourceSkip: usize, weight: usize, jacobian: usize): void {
  for (let panel = from; panel < to; panel++) {
    const w = weight + (<usize>(panel * blocks * unitPanels) << 8);
    const j = jacobian + (<usize>(panel * sources * unitPanels) << 8);
    if (sources == 2) sumBlocks(2, 4, unitPanels, slopes, stride, sourceSkip, w, j);
    else if (blocks == 3) sumBlocks(1, 3, unitPanels, slopes, stride, sourceSkip, w, j);
    else sumBlocks(1, 1, unitPanels, slopes, stride, sourceSkip, w, j);
  }
}

/** One panel of J of `S` sources and `G` blocks. */
@inline
function sumBlocks(S: i32, G: i32, unitPanels: i32, slopes: usize, stride: usize, sourceSkip: usize, weight: usize, jacobian: usize): void {
  const block = <usize>(unitPanels << 8);
  const skip = stride * <usize>unitPanels;
  for (let p = 0; p < unitPanels; p++) {
    for (let h = slopes + stride * <usize>p, end = h + 32; h < end; h += 4) {
      const w0 = v128.load(weight);
      const w1 = v128.load(weight, 16);
      let k = v128.load32_splat(h);
      let h0 = f32x4.mul(k, w0);
      let h1 = f32x4.mul(k, w1);
      if (G > 1) {
        const x0 = v128.load(weight + block);
        const x1 = v128.load(weight + block, 16);
        const y0 = v128.load(weight + 2 * block);
        const y1 = v128.load(weight + 2 * block, 16);
        k = v128.load32_splat(h + skip);
        h0 = fma(k, x0, h0);
        h1 = fma(k, x1, h1);
        k = v128.load32_splat(h + 2 * skip);
        h0 = fma(k, y0, h0);
        h1 = fma(k, y1, h1);
        if (G > 3) {
          k = v128.load32_splat(h + 3 * skip);
          h0 = fma(k, v128.load(weight + 3 * block), h0);
          h1 = fma(k, v128.load(weight + 3 * block, 16), h1);
        }
        if (S > 1) {
          // An LSTM's output gate sees dh alone.
          const c = h + sourceSkip;
          k = v128.load32_splat(c);
          let c0 = f32x4.mul(k, w0);
          let c1 = f32x4.mul(k, w1);
          k = v128.load32_splat(c + skip);
          c0 = fma(k, x0, c0);
          c1 = fma(k, x1, c1);
          k = v128.load32_splat(c + 2 * skip);
          c0 = fma(k, y0, c0);
          c1 = fma(k, y1, c1);
          v128.store(jacobian + block, c0);
          v128.store(jacobian + block, c1, 16);
        }
      }
      v128.store(jacobian, h0);
      v128.store(jacobian, h1, 16);
      weight += 32;
      jacobian += 32;
    }
  }
}

/** carry' of panels [from, to) for `rows` losses; `slopes`: H_K of one timestep, C_K `sourceSkip` bytes behind it. */
export function carryBack(from: i32, to: i32, rows: i32, sources: i32, slopes: usize, stride: usize, sourceSkip: usize, hidden: usize, hiddenStride: usize, carry: usize, carryStride: usize, out: usize, outStride: usize): void {
  const bytes = <usize>rows << 5;
  const negligible = f32x4.splat(NEGLIGIBLE);
  for (let p = from; p < to; p++) {
    const slope = slopes + stride * <usize>p;
    const k0 = v128.load(slope);
    const k1 = v128.load(slope, 16);
    let dh = hidden + hiddenStride * <usize>p;
    let next = out + outStride * <usize>p;
    const end = dh + bytes;
    if (sources == 1) {
      for (; dh < end; dh += 32, next += 32) {
        v128.store(next, flush(f32x4.mul(k0, v128.load(dh)), negligible));
        v128.store(next, flush(f32x4.mul(k1, v128.load(dh, 16)), negligible), 16);
      }
      continue;
    }
    const l0 = v128.load(slope + sourceSkip);
    const l1 = v128.load(slope + sourceSkip, 16);
    let dc = carry + carryStride * <usize>p;
    for (; dh < end; dh += 32, dc += 32, next += 32) {
      v128.store(next, flush(fma(l0, v128.load(dc), f32x4.mul(k0, v128.load(dh))), negligible));
      v128.store(next, flush(fma(l1, v128.load(dc, 16), f32x4.mul(k1, v128.load(dh, 16))), negligible), 16);
    }
  }
}
