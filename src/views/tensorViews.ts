import { flowByLag } from '../shared/flow';
import type { TensorView } from '../shared/tensorView';
import type { Tensor } from '../shared/tensor';

type Floats = Float32Array | Float64Array;

/** A tensor as a matrix: a row for each timestep or loss. */
interface Matrix {
  readonly rows: number;
  readonly width: number;
  readonly data: Floats;
}

/** What a view shows of a tensor, with its shape. Throws a RangeError for tensors that hold no floats. */
export function computeView(tensor: Tensor, view: TensorView): { readonly shape: readonly number[]; readonly data: Floats } {
  const matrix = matrixOf(tensor);
  switch (view.of) {
    case 'rows': {
      const { first, count } = inside(view.first, view.count, matrix.rows);
      return { shape: [count, matrix.width], data: matrix.data.slice(first * matrix.width, (first + count) * matrix.width) };
    }
    case 'cells':
      return extremes(matrix, view);
    case 'spread':
      return { shape: [7, matrix.rows], data: spread(matrix) };
    case 'columns':
      return { shape: [3, matrix.width], data: columns(matrix) };
    case 'lags': {
      const lags = flowByLag({ losses: matrix.rows === 1 ? 'last-step' : 'every-step', rows: matrix.rows, columns: matrix.width, data: matrix.data }, view.reading);
      return { shape: [lags.length], data: lags };
    }
    case 'sums': {
      const sums = new Float64Array(matrix.width);
      for (let row = 0; row < matrix.rows; row++) {
        for (let column = 0; column < matrix.width; column++) sums[column] = (sums[column] ?? 0) + (matrix.data[row * matrix.width + column] || 0);
      }
      return { shape: [matrix.width], data: sums };
    }
  }
}

function matrixOf({ dtype, shape, data }: Tensor): Matrix {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) throw new RangeError(`Only tensors of floats can be shown (got ${dtype}).`);
  const rows = shape[0] ?? 1;
  return { rows, width: rows === 0 ? 0 : data.length / rows, data };
}

function inside(first: number, count: number, total: number): { readonly first: number; readonly count: number } {
  const from = Math.min(Math.max(0, first), total);
  return { first: from, count: Math.max(0, Math.min(total, first + count) - from) };
}

function extremes({ rows, width, data }: Matrix, view: Extract<TensorView, { of: 'cells' }>): { shape: readonly number[]; data: Floats } {
  const down = inside(view.first, view.count, rows);
  const across = inside(view.left, view.width, width);
  const [bins, widthBins] = [Math.ceil(down.count / view.bin), Math.ceil(across.count / view.widthBin)];
  const size = bins * widthBins;
  const cells = data instanceof Float32Array ? new Float32Array(2 * size) : new Float64Array(2 * size);
  cells.fill(Infinity, 0, size);
  cells.fill(-Infinity, size);
  for (let row = 0; row < down.count; row++) {
    const to = Math.floor(row / view.bin) * widthBins;
    const from = (down.first + row) * width + across.first;
    for (let column = 0; column < across.count; column++) {
      const cell = to + Math.floor(column / view.widthBin);
      const value = data[from + column] ?? Number.NaN;
      // Math.min and Math.max keep NaN: a cell with a number that is none shows that it is none.
      cells[cell] = Math.min(cells[cell] ?? value, value);
      cells[size + cell] = Math.max(cells[size + cell] ?? value, value);
    }
  }
  return { shape: [2, bins, widthBins], data: cells };
}

function spread({ rows, width, data }: Matrix): Float64Array {
  const result = new Float64Array(7 * rows);
  const sorted = data.slice(0, width);
  for (let row = 0; row < rows; row++) {
    sorted.set(data.subarray(row * width, (row + 1) * width));
    sorted.sort();
    const at = (share: number): number => {
      const rank = share * (width - 1);
      const below = Math.floor(rank);
      const value = sorted[below] ?? Number.NaN;
      return value + (rank - below) * ((sorted[below + 1] ?? value) - value);
    };
    let sum = 0;
    let squares = 0;
    for (const value of sorted) {
      sum += value;
      squares += value * value;
    }
    [at(0), at(0.1), at(0.5), at(0.9), at(1), sum / width, Math.sqrt(squares)].forEach((value, index) => (result[index * rows + row] = value));
  }
  return result;
}

function columns({ rows, width, data }: Matrix): Float64Array {
  const result = new Float64Array(3 * width);
  const add = (index: number, amount: number): void => void (result[index] = (result[index] ?? 0) + amount);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      const value = data[row * width + column] ?? Number.NaN;
      add(column, value / rows);
      if (value < 0.1) add(width + column, 1 / rows);
      if (value > 0.9) add(2 * width + column, 1 / rows);
    }
  }
  return result;
}
