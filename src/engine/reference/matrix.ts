/** A dense f64 matrix, row-major. Activations have one row a sequence; adjoints may have several (see `CellStep`). */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

export function zeros(rows: number, columns: number): Matrix {
  return { rows, columns, data: new Float64Array(rows * columns) };
}

/** A matrix of the same shape, element i being f(element i, i). */
export function map(matrix: Matrix, f: (value: number, index: number) => number): Matrix {
  return { ...matrix, data: matrix.data.map(f) };
}

/** a + b, elementwise. */
export function add(a: Matrix, b: Matrix): Matrix {
  return map(a, (value, i) => value + at(b, i));
}

/** target += source, elementwise. */
export function accumulate(target: Matrix, source: Matrix): void {
  for (let i = 0; i < target.data.length; i++) target.data[i] = at(target, i) + at(source, i);
}

/**
 * Element `index`, wrapping around: a matrix with one row a sequence answers for each of several adjoints
 * a sequence, whose rows follow in the same order again and again.
 */
export function at({ data }: Matrix, index: number): number {
  return data[index % data.length] ?? 0;
}

/** Columns `begin` to `end` as a matrix of their own. */
export function columns(matrix: Matrix, begin: number, end: number): Matrix {
  const part = zeros(matrix.rows, end - begin);
  for (let row = 0; row < matrix.rows; row++) part.data.set(matrix.data.subarray(row * matrix.columns + begin, row * matrix.columns + end), row * part.columns);
  return part;
}

/** [a, b, …]: matrices with the same number of rows, side by side. */
export function sideBySide(parts: readonly Matrix[]): Matrix {
  const whole = zeros(parts[0]?.rows ?? 0, parts.reduce((sum, part) => sum + part.columns, 0));
  let begin = 0;
  for (const part of parts) {
    for (let row = 0; row < part.rows; row++) whole.data.set(rowOf(part, row), row * whole.columns + begin);
    begin += part.columns;
  }
  return whole;
}

/** Row `index`, as a view. */
export function rowOf({ data, columns: width }: Matrix, index: number): Float64Array {
  return data.subarray(index * width, (index + 1) * width);
}
