/** What a probe sees: a sparse matrix with one row an answer, columns ordered by the lag that they need. */
export interface Features {
  /** Row r is entries [starts[r], starts[r + 1]), its columns ascending. */
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
  /** The oldest lag that each column needs, ascending; column 0 is the constant 1, of lag −1. */
  readonly lags: Int32Array;
}

/** Collects rows of features whose columns are handed over in ascending order. */
export class FeatureRows {
  readonly #starts: number[] = [0];
  readonly #columns: number[] = [];
  readonly #values: number[] = [];

  /** `lags`: see `Features`, without column 0, which stands in every row by itself. */
  constructor(readonly lags: readonly number[]) {}

  /** An entry of the row that is being made; columns count from 0 behind the constant. */
  put(column: number, value: number): void {
    if (this.#columns.length === this.#starts.at(-1)) this.#constant();
    if (value === 0) return;
    this.#columns.push(column + 1);
    this.#values.push(value);
  }

  endRow(): void {
    if (this.#columns.length === this.#starts.at(-1)) this.#constant();
    this.#starts.push(this.#columns.length);
  }

  finish(): Features {
    return { starts: Int32Array.from(this.#starts), columns: Int32Array.from(this.#columns), values: Float64Array.from(this.#values), lags: Int32Array.of(-1, ...this.lags) };
  }

  #constant(): void {
    this.#columns.push(0);
    this.#values.push(1);
  }
}

/** Columns that need no input older than `lag`: they come first. */
export function columnsWithin({ lags }: Features, lag: number): number {
  let [low, high] = [0, lags.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((lags[middle] ?? 0) <= lag) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Σ over these rows of (row)(row)ᵀ, lower triangle [n,n]. */
export function gram({ starts, columns, values, lags }: Features, rows: ArrayLike<number>): Float64Array {
  const size = lags.length;
  const sum = new Float64Array(size * size);
  for (let r = 0; r < rows.length; r++) {
    const [begin, end] = [starts[rows[r] as number] as number, starts[(rows[r] as number) + 1] as number];
    for (let i = begin; i < end; i++) {
      const value = values[i] as number;
      const row = (columns[i] as number) * size;
      for (let j = begin; j <= i; j++) sum[row + (columns[j] as number)] = (sum[row + (columns[j] as number)] as number) + value * (values[j] as number);
    }
  }
  return sum;
}

/** Σ over these rows of (row)(targets)ᵀ, [n,k]; `targets` [rows of all,k]. */
export function crossGram({ starts, columns, values, lags }: Features, rows: ArrayLike<number>, targets: Float64Array, width: number): Float64Array {
  const sum = new Float64Array(lags.length * width);
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r] as number;
    for (let i = starts[row] as number; i < (starts[row + 1] as number); i++) {
      const [to, value] = [(columns[i] as number) * width, values[i] as number];
      for (let k = 0; k < width; k++) sum[to + k] = (sum[to + k] as number) + value * (targets[row * width + k] as number);
    }
  }
  return sum;
}

/** What weights [m,k] of the first m columns answer to one row, into `answer` [k]. */
export function answerRow({ starts, columns, values }: Features, row: number, weights: Float64Array, width: number, answer: Float64Array): void {
  answer.fill(0);
  const leading = weights.length / width;
  for (let i = starts[row] as number; i < (starts[row + 1] as number); i++) {
    const column = columns[i] as number;
    if (column >= leading) break;
    const value = values[i] as number;
    for (let k = 0; k < width; k++) answer[k] = (answer[k] as number) + value * (weights[column * width + k] as number);
  }
}
