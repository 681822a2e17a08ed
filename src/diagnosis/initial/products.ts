/*
 * Products of a row-major matrix with a vector, four rows at a time: one sum alone would wait for each addition to
 * end before the next may begin.
 */

/** out += M x for the rows that M has, x being `columns` elements of `vector` from `from`. */
export function addProduct(out: Float64Array, matrix: Float64Array, vector: Float64Array, from: number, columns: number): void {
  const rows = matrix.length / columns;
  let row = 0;
  for (; row + 3 < rows; row += 4) {
    const [a, b, c, d] = [row * columns, (row + 1) * columns, (row + 2) * columns, (row + 3) * columns];
    let [ofA, ofB, ofC, ofD] = [0, 0, 0, 0];
    for (let i = 0; i < columns; i++) {
      const x = vector[from + i] ?? 0;
      ofA += (matrix[a + i] ?? 0) * x;
      ofB += (matrix[b + i] ?? 0) * x;
      ofC += (matrix[c + i] ?? 0) * x;
      ofD += (matrix[d + i] ?? 0) * x;
    }
    out[row] = (out[row] ?? 0) + ofA;
    out[row + 1] = (out[row + 1] ?? 0) + ofB;
    out[row + 2] = (out[row + 2] ?? 0) + ofC;
    out[row + 3] = (out[row + 3] ?? 0) + ofD;
  }
  for (; row < rows; row++) {
    let sum = 0;
    for (let i = 0; i < columns; i++) sum += (matrix[row * columns + i] ?? 0) * (vector[from + i] ?? 0);
    out[row] = (out[row] ?? 0) + sum;
  }
}

/** out += Mᵀ y, over as many rows as y has. */
export function addTransposedProduct(out: Float64Array, matrix: Float64Array, y: Float64Array): void {
  const [rows, columns] = [y.length, out.length];
  let row = 0;
  for (; row + 3 < rows; row += 4) {
    const [a, b, c, d] = [row * columns, (row + 1) * columns, (row + 2) * columns, (row + 3) * columns];
    const [byA, byB, byC, byD] = [y[row] ?? 0, y[row + 1] ?? 0, y[row + 2] ?? 0, y[row + 3] ?? 0];
    for (let i = 0; i < columns; i++) out[i] = (out[i] ?? 0) + byA * (matrix[a + i] ?? 0) + byB * (matrix[b + i] ?? 0) + byC * (matrix[c + i] ?? 0) + byD * (matrix[d + i] ?? 0);
  }
  for (; row < rows; row++) {
    const by = y[row] ?? 0;
    for (let i = 0; i < columns; i++) out[i] = (out[i] ?? 0) + by * (matrix[row * columns + i] ?? 0);
  }
}
