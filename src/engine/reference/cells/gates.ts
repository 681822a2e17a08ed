import { at, columns, map, type Matrix } from '../matrix';

/** Block `gate` of [B,G·H]: what one of G gates of H units is computed from. */
export function block(z: Matrix, gate: number, units: number): Matrix {
  return columns(z, gate * units, (gate + 1) * units);
}

/** σ(z) = 1/(1 + e⁻ᶻ). */
export function sigmoid(z: Matrix): Matrix {
  return map(z, (value) => 1 / (1 + Math.exp(-value)));
}

export function tanh(z: Matrix): Matrix {
  return map(z, Math.tanh);
}

/** dz = dy ⊙ y(1 − y), the way back through y = σ(z). */
export function sigmoidBackward(dy: Matrix, y: Matrix): Matrix {
  return map(dy, (d, i) => d * at(y, i) * (1 - at(y, i)));
}

/** dz = dy ⊙ (1 − y²), the way back through y = tanh(z). */
export function tanhBackward(dy: Matrix, y: Matrix): Matrix {
  return map(dy, (d, i) => d * (1 - at(y, i) ** 2));
}

/** a ⊙ b; `b` may have one row a sequence where `a` has several (see `at`). */
export function times(a: Matrix, b: Matrix): Matrix {
  return map(a, (value, i) => value * at(b, i));
}
