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
  /** From the adjoint of the output to those of what the connection read. */
  backward(dy: Matrix, gradients?: Linear): ConnectionAdjoints;
}

/** Adjoints of what a connection read. */
export interface ConnectionAdjoints {
  /** Of the layer's hidden states. */
  readonly h: Matrix;
  /** Of x by the identity path, unchanged by any weight: residual dy, dense its columns of dy, highway (1 − g) ⊙ dy. */
  readonly identity?: Matrix;
  /** Of x through the highway's gate, Wᵀ dz. */
  readonly gate?: Matrix;
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
  if (kind === 'residual') return { output: add(h, x), backward: (dy) => ({ h: dy, identity: dy }) };
  if (kind === 'dense') {
    const backward: ConnectionStep['backward'] = (dy) => ({ identity: columns(dy, 0, x.columns), h: columns(dy, x.columns, dy.columns) });
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
      return { h: times(dy, g), identity: map(dy, (d, i) => d * (1 - at(g, i))), gate: linearBackward(dz, parameters) };
    },
  };
}
