import { map, zeros, type Matrix } from './matrix';

/** Real timesteps of each sequence [B]; absent: all are as long as the batch. */
export type Lengths = Int32Array | undefined;

/** Whether timestep t belongs to the sequence of this row; several adjoints a sequence repeat the sequences. */
export function isReal(lengths: Lengths, t: number, row: number): boolean {
  return lengths === undefined || t < (lengths[row % lengths.length] ?? 0);
}

/** The matrix with the rows of sequences that have ended replaced by zeros. */
export function realRows(matrix: Matrix, t: number, lengths: Lengths): Matrix {
  return lengths === undefined ? matrix : map(matrix, (value, i) => (isReal(lengths, t, Math.floor(i / matrix.columns)) ? value : 0));
}

/** Rows of `real` for sequences that reach timestep t, of `ended` (absent: zeros) for the others. */
export function select(real: Matrix, ended: Matrix | undefined, t: number, lengths: Lengths): Matrix {
  if (lengths === undefined) return real;
  return map(real, (value, i) => (isReal(lengths, t, Math.floor(i / real.columns)) ? value : (ended?.data[i] ?? 0)));
}

/** Index of the last real timestep of a sequence among T. */
export function lastStep(lengths: Lengths, sequence: number, steps: number): number {
  return (lengths?.[sequence] ?? steps) - 1;
}

/** [T,B,F] of matrices [B,F], padded positions zero. */
export function stack(matrices: readonly Matrix[], lengths: Lengths): Float64Array {
  const size = matrices[0]?.data.length ?? 0;
  const whole = new Float64Array(matrices.length * size);
  matrices.forEach((matrix, t) => whole.set(realRows(matrix, t, lengths).data, t * size));
  return whole;
}

/** Matrices [B,F] at each timestep of [T,B,F]. */
export function unstack(data: ArrayLike<number>, steps: number, rows: number, columns: number): Matrix[] {
  return Array.from({ length: steps }, (_, t) => {
    const matrix = zeros(rows, columns);
    for (let i = 0; i < matrix.data.length; i++) matrix.data[i] = data[t * matrix.data.length + i] ?? 0;
    return matrix;
  });
}
