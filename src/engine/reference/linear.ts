import { rowOf, zeros, type Matrix } from './matrix';

/** A linear map's parameters, or the gradients of them; views of the network's storage. */
export interface Linear {
  /** [outputs, inputs], as nn.Linear. */
  readonly weight: Matrix;
  /** [outputs]. */
  readonly bias: Float64Array;
}

/** y = x Wᵀ + b. */
export function linear(x: Matrix, { weight, bias }: Linear): Matrix {
  const y = zeros(x.rows, weight.rows);
  for (let row = 0; row < x.rows; row++) {
    for (let out = 0; out < weight.rows; out++) y.data[row * y.columns + out] = (bias[out] ?? 0) + dot(rowOf(x, row), rowOf(weight, out));
  }
  return y;
}

/** dx = dy W. */
export function linearBackward(dy: Matrix, { weight }: Linear): Matrix {
  const dx = zeros(dy.rows, weight.columns);
  for (let row = 0; row < dy.rows; row++) {
    for (let out = 0; out < weight.rows; out++) addScaled(rowOf(dx, row), dy.data[row * dy.columns + out] ?? 0, rowOf(weight, out));
  }
  return dx;
}

/** dW += dyᵀ x and db += the sum of dy's rows. */
export function linearGradient(dy: Matrix, x: Matrix, gradient: Linear): void {
  for (let row = 0; row < dy.rows; row++) {
    addScaled(gradient.bias, 1, rowOf(dy, row));
    for (let out = 0; out < dy.columns; out++) addScaled(rowOf(gradient.weight, out), dy.data[row * dy.columns + out] ?? 0, rowOf(x, row));
  }
}

/** Outputs `begin` to `end` of a linear map, as views of it. */
export function rowsOfLinear({ weight, bias }: Linear, begin: number, end: number): Linear {
  const data = weight.data.subarray(begin * weight.columns, end * weight.columns);
  return { weight: { rows: end - begin, columns: weight.columns, data }, bias: bias.subarray(begin, end) };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** target += factor · source. Most adjoints of a flow matrix are zero, as no loss reaches a later state. */
function addScaled(target: Float64Array, factor: number, source: Float64Array): void {
  if (factor === 0) return;
  for (let i = 0; i < target.length; i++) target[i] = (target[i] ?? 0) + factor * (source[i] ?? 0);
}
