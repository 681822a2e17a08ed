import { FeatureRows, type Features } from './features';
import type { ProbeRows, Residual } from './ridge';

/** Products that are kept at most, and how clearly each of them, or all of one pair of lags together, must stand out. */
const [mostProducts, leastScore, leastLagScore] = [200, 4.5, 6];

/** What the screen looks at: the columns of a residual with the largest variance, and training rows at most. */
const [screenedColumns, screenedRows] = [4, 1600];

/**
 * Probe P, pairs: products of two inputs at any two lags, which an additive probe cannot see (lagged XOR, value ×
 * value). Every pair has the score
 *
 *     z = |Σ r xᵢ xⱼ| / √(Σ r² xᵢ² xⱼ²)
 *
 * over the training rows, r being a column of the residual: all pairs at once are two products Xᵀ diag(r) X. Where
 * inputs have many kinds, each product is rare and none stands out, though together they may: so each pair of lags
 * has the score (Σz² − n)/√(2n) over its n products, as of a χ² with n degrees of freedom. The products with
 * the largest scores become columns, ordered by the older of their two lags.
 */
export function pairFeatures(single: Features, { training }: ProbeRows, { values, width }: Residual, alive: () => void): Features {
  const size = single.lags.length;
  const own = new Float32Array(size * size);
  const byLags = new Map<number, number>();
  const every = Math.ceil(training.length / screenedRows);
  const rows = training.filter((_, index) => index % every === 0);
  for (const column of widest(values, width)) {
    alive();
    const [first, second] = weightedGrams(single, rows, (row) => values[row * width + column] ?? 0);
    const sums = new Map<number, { squares: number; count: number }>();
    eachPair(single, (i, j, lags) => {
      const at = i * size + j;
      const square = second[at] ?? 0;
      if (square === 0) return;
      const score = Math.abs(first[at] ?? 0) / Math.sqrt(square);
      own[at] = Math.max(own[at] ?? 0, score);
      const { squares, count } = sums.get(lags) ?? { squares: 0, count: 0 };
      sums.set(lags, { squares: squares + score * score, count: count + 1 });
    });
    for (const [lags, { squares, count }] of sums) byLags.set(lags, Math.max(byLags.get(lags) ?? 0, (squares - count) / Math.sqrt(2 * count)));
  }
  const pairs: { i: number; j: number; score: number }[] = [];
  eachPair(single, (i, j, lags) => {
    // In the unit of each threshold, so that a clear pair of lags brings all its products along.
    const score = Math.max((own[i * size + j] ?? 0) / leastScore, (byLags.get(lags) ?? 0) / leastLagScore);
    if (score > 1) pairs.push({ i, j, score });
  });
  const kept = pairs.sort((a, b) => b.score - a.score).slice(0, mostProducts).sort((a, b) => a.i - b.i || a.j - b.j);
  return products(single, kept);
}

/** All pairs of different columns, and a number for their two lags. */
function eachPair({ lags }: Features, visit: (i: number, j: number, lags: number) => void): void {
  const span = (lags.at(-1) ?? 0) + 1;
  for (let i = 0; i < lags.length; i++) for (let j = 1; j < i; j++) visit(i, j, (lags[i] ?? 0) * span + (lags[j] ?? 0));
}

/** Numbers of the columns with the largest mean squares. */
function widest(values: Float64Array, width: number): number[] {
  const squares = new Float64Array(width);
  values.forEach((value, i) => (squares[i % width] = (squares[i % width] ?? 0) + value * value));
  return Array.from(squares.keys()).sort((a, b) => (squares[b] ?? 0) - (squares[a] ?? 0)).slice(0, screenedColumns);
}

/** Σ r xᵢ xⱼ and Σ r² xᵢ² xⱼ², lower triangles. */
function weightedGrams({ starts, columns, values, lags }: Features, rows: Int32Array, weight: (row: number) => number): [Float64Array, Float64Array] {
  const size = lags.length;
  const [first, second] = [new Float64Array(size * size), new Float64Array(size * size)];
  for (const row of rows) {
    const [begin, end] = [starts[row] as number, starts[row + 1] as number];
    const r = weight(row);
    for (let i = begin; i < end; i++) {
      const a = r * (values[i] as number);
      const line = (columns[i] as number) * size;
      for (let j = begin; j < i; j++) {
        const product = a * (values[j] as number);
        const at = line + (columns[j] as number);
        first[at] = (first[at] as number) + product;
        second[at] = (second[at] as number) + product * product;
      }
    }
  }
  return [first, second];
}

/** The chosen products as columns of their own; column i is the older input of a pair. */
function products({ starts, columns, values, lags }: Features, pairs: readonly { readonly i: number; readonly j: number }[]): Features {
  const rows = new FeatureRows(pairs.map(({ i }) => lags[i] ?? 0));
  const own = new Float64Array(lags.length);
  for (let row = 0; row + 1 < starts.length; row++) {
    const [begin, end] = [starts[row] ?? 0, starts[row + 1] ?? 0];
    for (let i = begin; i < end; i++) own[columns[i] ?? 0] = values[i] ?? 0;
    pairs.forEach(({ i, j }, column) => rows.put(column, (own[i] ?? 0) * (own[j] ?? 0)));
    rows.endRow();
    for (let i = begin; i < end; i++) own[columns[i] ?? 0] = 0;
  }
  return rows.finish();
}
