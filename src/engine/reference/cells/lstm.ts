import { linear, linearBackward, linearGradient } from '../linear';
import { add, sideBySide, zeros } from '../matrix';
import type { Cell } from './cell';
import { block, sigmoid, sigmoidBackward, tanh, tanhBackward, times } from './gates';

/**
 * The LSTM (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000), as torch.nn.LSTM,
 * gates in the order i, f, g, o:
 *
 *     [zᵢ, z_f, z_g, zₒ] = W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh
 *     i = σ(zᵢ),  f = σ(z_f),  g = tanh(z_g),  o = σ(zₒ)
 *     cₜ = f ⊙ cₜ₋₁ + i ⊙ g
 *     hₜ = o ⊙ tanh(cₜ)
 *
 * and back, where dy stands for the derivative of the loss by y, and dcₜ arrives from cₜ₊₁:
 *
 *     do = dhₜ ⊙ tanh(cₜ)
 *     dcₜ += dhₜ ⊙ o ⊙ (1 − tanh²(cₜ))
 *     di = dcₜ ⊙ g,  df = dcₜ ⊙ cₜ₋₁,  dg = dcₜ ⊙ i,  dcₜ₋₁ = dcₜ ⊙ f
 *     dz = [di ⊙ i(1 − i), df ⊙ f(1 − f), dg ⊙ (1 − g²), do ⊙ o(1 − o)]
 *     dxₜ = dz W_ih
 *     dhₜ₋₁ = dz W_hh
 */
export const lstmCell: Cell = ({ input, recurrent }, x, before) => {
  const units = before.h.columns;
  const cBefore = before.c ?? zeros(before.h.rows, units);
  const z = add(linear(x, input), linear(before.h, recurrent));
  const i = sigmoid(block(z, 0, units));
  const f = sigmoid(block(z, 1, units));
  const g = tanh(block(z, 2, units));
  const o = sigmoid(block(z, 3, units));
  const c = add(times(f, cBefore), times(i, g));
  const tanhC = tanh(c);
  const h = times(o, tanhC);
  return {
    state: { h, c },
    gates: { input: i, forget: f, cell: g, output: o },
    backward({ h: dh, c: dcLater }, gradients) {
      const dcThroughH = tanhBackward(times(dh, o), tanhC);
      const dc = dcLater ? add(dcThroughH, dcLater) : dcThroughH;
      const dz = sideBySide([
        sigmoidBackward(times(dc, g), i),
        sigmoidBackward(times(dc, cBefore), f),
        tanhBackward(times(dc, i), g),
        sigmoidBackward(times(dh, tanhC), o),
      ]);
      if (gradients) {
        linearGradient(dz, x, gradients.input);
        linearGradient(dz, before.h, gradients.recurrent);
      }
      return { before: { h: linearBackward(dz, recurrent), c: times(dc, f) }, c: dc, inputs: () => linearBackward(dz, input) };
    },
  };
};
