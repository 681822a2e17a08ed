import type { LayerShape } from '../../../spec/architecture';
import { linear, linearBackward, linearGradient } from '../linear';
import { add, at, map } from '../matrix';
import type { Cell } from './cell';
import { tanh, tanhBackward } from './gates';

/**
 * The vanilla RNN (Elman 1990), as torch.nn.RNN:
 *
 *     hₜ = f(W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh),   f = tanh or ReLU
 *
 * and back, where dy stands for the derivative of the loss by y:
 *
 *     dz = dhₜ ⊙ f′,   f′ = 1 − hₜ² for tanh, 1 where hₜ > 0 for ReLU
 *     dxₜ = dz W_ih
 *     dhₜ₋₁ = dz W_hh
 */
export function rnnCell(activation: LayerShape['activation']): Cell {
  return ({ input, recurrent }, x, before) => {
    const z = add(linear(x, input), linear(before.h, recurrent));
    const h = activation === 'tanh' ? tanh(z) : map(z, (value) => Math.max(value, 0));
    return {
      state: { h },
      gates: {},
      backward({ h: dh }, gradients) {
        const dz = activation === 'tanh' ? tanhBackward(dh, h) : map(dh, (d, i) => (at(h, i) > 0 ? d : 0));
        if (gradients) {
          linearGradient(dz, x, gradients.input);
          linearGradient(dz, before.h, gradients.recurrent);
        }
        return { before: { h: linearBackward(dz, recurrent) }, inputs: () => linearBackward(dz, input) };
      },
    };
  };
}
