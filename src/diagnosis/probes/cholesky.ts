/** A lower triangular matrix L with A = L Lᵀ: row-major [n,n], f64; what lies above the diagonal does not count. */
export interface Cholesky {
  readonly size: number;
  readonly lower: Float64Array;
}

/**
 * The Cholesky factor of a symmetric positive definite matrix, of which only the lower triangle is read. The factor
 * of a leading block is the leading block of the factor: that is what makes a refit on fewer lags cheap.
 * Throws a RangeError when the matrix is not positive definite.
 */
export function cholesky(matrix: Float64Array, size: number): Cholesky {
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const row = i * size;
    for (let j = 0; j <= i; j++) {
      const other = j * size;
      let sum = matrix[row + j] ?? 0;
      for (let k = 0; k < j; k++) sum -= (lower[row + k] as number) * (lower[other + k] as number);
      if (i === j) {
        if (!(sum > 0)) throw new RangeError(`the matrix is not positive definite (pivot ${i} is ${sum})`);
        lower[row + j] = Math.sqrt(sum);
      } else lower[row + j] = sum / (lower[other + j] as number);
    }
  }
  return { size, lower };
}

/** z = L⁻¹ b for right sides b [n,k]. Its first m rows are those of the leading block of size m. */
export function solveForward({ size, lower }: Cholesky, right: Float64Array, columns: number): Float64Array {
  const z = right.slice();
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) subtract(z, i, lower[i * size + j] as number, j, columns);
    divide(z, i, lower[i * size + i] as number, columns);
  }
  return z;
}

/** w = L_m⁻ᵀ z_m [m,k], with the leading block of size m. */
export function solveBackward({ size, lower }: Cholesky, forward: Float64Array, columns: number, leading: number): Float64Array {
  const w = forward.slice(0, leading * columns);
  for (let i = leading - 1; i >= 0; i--) {
    divide(w, i, lower[i * size + i] as number, columns);
    for (let j = 0; j < i; j++) subtract(w, j, lower[i * size + j] as number, i, columns);
  }
  return w;
}

/** Row `to` −= factor · row `from`. */
function subtract(rows: Float64Array, to: number, factor: number, from: number, columns: number): void {
  if (factor === 0) return;
  const [a, b] = [to * columns, from * columns];
  for (let c = 0; c < columns; c++) rows[a + c] = (rows[a + c] as number) - factor * (rows[b + c] as number);
}

function divide(rows: Float64Array, row: number, by: number, columns: number): void {
  for (let c = row * columns; c < (row + 1) * columns; c++) rows[c] = (rows[c] as number) / by;
}
