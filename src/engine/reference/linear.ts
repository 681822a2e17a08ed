import { zeros, type Matrix } from './matrix';

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
  const inputs = weight.columns;
  for (let row = 0; row < y.rows; row++) {
    for (let out = 0; out < y.columns; out++) {
      let sum = bias[out] ?? 0;
      for (let i = 0; i < inputs; i++) sum += (x.data[row * inputs + i] ?? 0) * (weight.data[out * inputs + i] ?? 0);
      y.data[row * y.columns + out] = sum;
    }
  }
  return y;
}

/** dx = dy W. */
export function linearBackward(dy: Matrix, { weight }: Linear): Matrix {
  const dx = zeros(dy.rows, weight.columns);
  for (let row = 0; row < dy.rows; row++) {
    for (let out = 0; out < dy.columns; out++) addRow(dx, row, dy.data[row * dy.columns + out] ?? 0, weight, out);
  }
  return dx;
}

/** dW += dyᵀ x and db += the sum of dy's rows. */
export function linearGradient(dy: Matrix, x: Matrix, gradient: Linear): void {
  for (let row = 0; row < dy.rows; row++) {
    for (let out = 0; out < dy.columns; out++) {
      const d = dy.data[row * dy.columns + out] ?? 0;
      gradient.bias[out] = (gradient.bias[out] ?? 0) + d;
      addRow(gradient.weight, out, d, x, row);
    }
  }
}

/** A row of `target` += factor · a row of `source`. Most adjoints of a flow matrix are zero, as no loss reaches a later state. */
function addRow(target: Matrix, targetRow: number, factor: number, source: Matrix, sourceRow: number): void {
  if (factor === 0) return;
  const [to, from] = [targetRow * target.columns, sourceRow * source.columns];
  for (let i = 0; i < target.columns; i++) target.data[to + i] = (target.data[to + i] ?? 0) + factor * (source.data[from + i] ?? 0);
}

/** Outputs `begin` to `end` of a linear map, as views of it. */
export function rowsOfLinear({ weight, bias }: Linear, begin: number, end: number): Linear {
  const data = weight.data.subarray(begin * weight.columns, end * weight.columns);
  return { weight: { rows: end - begin, columns: weight.columns, data }, bias: bias.subarray(begin, end) };
}
