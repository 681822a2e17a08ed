import type { ConnectionKind } from '../../spec/schema';
import { sigmoid, sigmoidBackward, times } from './cells/gates';
import { linear, linearBackward, linearGradient, type Linear } from './linear';
import { add, at, columns, map, sideBySide, type Matrix } from './matrix';

/** One timestep of what leads around a layer. */
export interface ConnectionStep {
  /** [B,O]. */
  readonly output: Matrix;
  /** The highway's g [B,O]. */
  readonly gate?: Matrix;
  /** From the adjoint of the output: that of the layer's hidden states, and what reaches x around the layer. */
  backward(dy: Matrix, gradients?: Linear): { readonly h: Matrix; readonly x?: Matrix };
}

/**
 * Joins a layer's hidden states h [B,C] with its inputs x [B,I]:
 *
 *     none      y = h
 *     residual  y = h + x                                    (He et al. 2016)
 *     dense     y = [x, h]                                   (Huang et al. 2017)
 *     highway   y = g ⊙ h + (1 − g) ⊙ x,  g = σ(W x + b)     (Srivastava et al. 2015)
 */
export function connect(kind: ConnectionKind, h: Matrix, x: Matrix, highway: Linear | undefined): ConnectionStep {
  if (kind === 'residual') return { output: add(h, x), backward: (dy) => ({ h: dy, x: dy }) };
  if (kind === 'dense') {
    const backward: ConnectionStep['backward'] = (dy) => ({ x: columns(dy, 0, x.columns), h: columns(dy, x.columns, dy.columns) });
    return { output: sideBySide([x, h]), backward };
  }
  if (kind === 'highway' && highway) return connectHighway(h, x, highway);
  return { output: h, backward: (dy) => ({ h: dy }) };
}

function connectHighway(h: Matrix, x: Matrix, parameters: Linear): ConnectionStep {
  const g = sigmoid(linear(x, parameters));
  return {
    output: map(g, (gate, i) => gate * at(h, i) + (1 - gate) * at(x, i)),
    gate: g,
    backward(dy, gradients) {
      const dz = sigmoidBackward(map(dy, (d, i) => d * (at(h, i) - at(x, i))), g);
      if (gradients) linearGradient(dz, x, gradients);
      const dx = add(map(dy, (d, i) => d * (1 - at(g, i))), linearBackward(dz, parameters));
      return { h: times(dy, g), x: dx };
    },
  };
}
