import { linear, linearBackward, linearGradient, rowsOfLinear } from '../linear';
import { add, at, map, sideBySide } from '../matrix';
import type { Cell } from './cell';
import { block, sigmoid, sigmoidBackward, tanh, tanhBackward, times } from './gates';

/**
 * The GRU (Cho et al. 2014), gates in the order r, z, n of torch.nn.GRU. Its z keeps the old state
 * (CS224n writes u = 1 − z):
 *
 *     [aᵣ, a_z, aₙ] = W_ih xₜ + b_ih
 *     r = σ(aᵣ + W_hr hₜ₋₁ + b_hr),  z = σ(a_z + W_hz hₜ₋₁ + b_hz)
 *     n = tanh(aₙ + m)
 *     hₜ = (1 − z) ⊙ n + z ⊙ hₜ₋₁
 *
 * The reset gate acts after the recurrent product (PyTorch, cuDNN) or before it (the original paper):
 *
 *     after:   m = r ⊙ (W_hn hₜ₋₁ + b_hn)
 *     before:  m = W_hn (r ⊙ hₜ₋₁) + b_hn
 *
 * and back, where dy stands for the derivative of the loss by y:
 *
 *     dn = dhₜ ⊙ (1 − z),  dz = dhₜ ⊙ (hₜ₋₁ − n)
 *     daₙ = dm = dn ⊙ (1 − n²)
 *     after:   dr = dm ⊙ (W_hn hₜ₋₁ + b_hn)
 *     before:  dr = (dm W_hn) ⊙ hₜ₋₁
 *     daᵣ = dr ⊙ r(1 − r),  da_z = dz ⊙ z(1 − z)
 *     dxₜ = [daᵣ, da_z, daₙ] W_ih
 *     dhₜ₋₁ = dhₜ ⊙ z + daᵣ W_hr + da_z W_hz + (after: (dm ⊙ r) W_hn;  before: (dm W_hn) ⊙ r)
 */
export function gruCell(reset: 'after' | 'before'): Cell {
  return ({ input, recurrent }, x, { h: hBefore }) => {
    const units = hBefore.columns;
    const a = linear(x, input);
    // W_hr and W_hz stand above W_hn.
    const gatesRecurrent = rowsOfLinear(recurrent, 0, 2 * units);
    const newRecurrent = rowsOfLinear(recurrent, 2 * units, 3 * units);
    const hGates = linear(hBefore, gatesRecurrent);
    const r = sigmoid(add(block(a, 0, units), block(hGates, 0, units)));
    const z = sigmoid(add(block(a, 1, units), block(hGates, 1, units)));
    const read = reset === 'after' ? hBefore : times(r, hBefore);
    const product = linear(read, newRecurrent);
    const m = reset === 'after' ? times(r, product) : product;
    const n = tanh(add(block(a, 2, units), m));
    const h = map(n, (value, i) => (1 - at(z, i)) * value + at(z, i) * at(hBefore, i));
    return {
      state: { h },
      gates: { reset: r, update: z, new: n },
      backward({ h: dh }, gradients) {
        const dm = tanhBackward(map(dh, (d, i) => d * (1 - at(z, i))), n);
        const dz = map(dh, (d, i) => d * (at(hBefore, i) - at(n, i)));
        const dProduct = reset === 'after' ? times(dm, r) : dm;
        const dRead = linearBackward(dProduct, newRecurrent);
        const dr = reset === 'after' ? times(dm, product) : times(dRead, hBefore);
        const dGates = sideBySide([sigmoidBackward(dr, r), sigmoidBackward(dz, z)]);
        const da = sideBySide([dGates, dm]);
        if (gradients) {
          linearGradient(da, x, gradients.input);
          linearGradient(dGates, hBefore, rowsOfLinear(gradients.recurrent, 0, 2 * units));
          linearGradient(dProduct, read, rowsOfLinear(gradients.recurrent, 2 * units, 3 * units));
        }
        const dhThroughNew = reset === 'after' ? dRead : times(dRead, r);
        const dhBefore = add(add(times(dh, z), linearBackward(dGates, gatesRecurrent)), dhThroughNew);
        return { before: { h: dhBefore }, inputs: () => linearBackward(da, input) };
      },
    };
  };
}
