import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../../src/shared/tensor';
import type { TensorView } from '../../../src/shared/tensorView';
import { partialCellGradient } from '../../../src/shared/partialCell';
import { computeView } from '../../../src/views/tensorViews';

const tensor = (rows: number[][]): Tensor => ({ dtype: 'F64', shape: [rows.length, 1, rows[0]?.length ?? 0], data: Float64Array.from(rows.flat()) });
const see = (rows: number[][], view: TensorView): { shape: readonly number[]; data: number[] } => {
  const { shape, data } = computeView(tensor(rows), view);
  return { shape, data: [...data] };
};
const name = 'layer0.forward.h';

describe('views of a tensor', () => {
  it('give rows as they are, and no more than there are', () => {
    expect(see([[1, 2], [3, 4], [5, 6]], { of: 'rows', name, first: 1, count: 9 })).toEqual({ shape: [2, 2], data: [3, 4, 5, 6] });
  });

  it('keep the smallest and the largest number of every cell, also in the bins at the edge', () => {
    const rows = [[1, 9, 3], [4, -2, 6], [7, 8, 5]];
    const whole = { first: 0, count: 3, left: 0, width: 3 };
    expect(see(rows, { of: 'cells', name, ...whole, bin: 2, widthBin: 1 })).toEqual({ shape: [2, 2, 3], data: [1, -2, 3, 7, 8, 5, 4, 9, 6, 7, 8, 5] });
    expect(see(rows, { of: 'cells', name, ...whole, bin: 2, widthBin: 2 })).toEqual({ shape: [2, 2, 2], data: [-2, 3, 7, 5, 9, 6, 8, 5] });
    expect(see(rows, { of: 'cells', name, first: 1, count: 1, bin: 1, left: 1, width: 2, widthBin: 1 })).toEqual({ shape: [2, 1, 2], data: [-2, 6, -2, 6] });
  });

  it('show a cell that holds a number that is none as such', () => {
    expect(see([[1, Number.NaN]], { of: 'cells', name, first: 0, count: 1, bin: 1, left: 0, width: 2, widthBin: 2 }).data).toEqual([Number.NaN, Number.NaN]);
  });

  it('hold extremes, deciles, median, mean and length of each step, interpolated between ranks as NumPy does', () => {
    // numpy.quantile([3, 1, 2, 10], [0, .1, .5, .9, 1]) = 1, 1.3, 2.5, 7.9, 10
    const { shape, data } = see([[3, 1, 2, 10], [0, 0, 3, 4]], { of: 'spread', name });
    expect(shape).toEqual([7, 2]);
    expect(data.filter((_, index) => index % 2 === 0).map((value) => Number(value.toFixed(9)))).toEqual([1, 1.3, 2.5, 7.9, 10, 4, Number(Math.sqrt(114).toFixed(9))]);
    expect(data.at(-1)).toBe(5);
  });

  it('say of each unit its mean and its shares of steps below 0.1 and above 0.9', () => {
    expect(see([[0.05, 0.95], [0.05, 0.5], [0.2, 0.99], [0.95, 0.91]], { of: 'columns', name }).data.map((value) => Number(value.toFixed(12)))).toEqual([0.3125, 0.8375, 0.5, 0, 0.25, 0.75]);
  });

  it('leave losses that are none out of means by lag and sums', () => {
    const flow = [[8, 0, 0], [4, 6, 0], [Number.NaN, Number.NaN, Number.NaN]];
    expect(computeView({ ...tensor(flow), shape: [3, 3] }, { of: 'lags', name, reading: 'forward' }).data).toEqual(Float64Array.of(7, 4));
    expect(computeView({ ...tensor(flow), shape: [3, 3] }, { of: 'sums', name }).data).toEqual(Float64Array.of(12, 6, 0));
  });

  it('leave the tensor as it was', () => {
    const own = tensor([[3, 1, 2]]);
    computeView(own, { of: 'spread', name });
    expect([...own.data]).toEqual([3, 1, 2]);
  });

  it('are refused of tensors without floats', () => {
    expect(() => computeView({ dtype: 'I64', shape: [1], data: BigInt64Array.of(1n) }, { of: 'spread', name })).toThrow('Only tensors of floats can be shown (got I64).');
  });
});

describe('the partial gradient of a cell state', () => {
  it('comes through the output gate and the slope of tanh', () => {
    const { data } = partialCellGradient(tensor([[2]]), tensor([[0.5]]), tensor([[1]]));
    expect(data[0]).toBeCloseTo(2 * 0.5 * (1 - Math.tanh(1) ** 2), 15);
  });
});
