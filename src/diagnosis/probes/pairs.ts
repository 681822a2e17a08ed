import { FeatureRows, type Features } from './features';
import type { ProbeRows, Residual } from './ridge';

/** Products that are kept at most, and how clearly each must stand out. */
const [mostProducts, leastScore] = [100, 4.5];

/** Columns of a residual that the screen looks at, those with the largest variance. */
const screened = 4;

/**
 * Probe P, pairs: products of two inputs at any two lags, which an additive probe cannot see (lagged XOR, value ×
 * value). Every pair has the score
 *
 *     z = |Σ r xᵢ xⱼ| / √(Σ r² xᵢ² xⱼ²)
 *
 * over the training rows, r being a column of the residual: all pairs at once are two products Xᵀ diag(r) X. The
 * products with the largest scores become columns, ordered by the older of their two lags.
 */
export function pairFeatures(single: Features, { training }: ProbeRows, { values, width }: Residual, alive: () => void): Features {
  const size = single.lags.length;
  const scores = new Float32Array(size * size);
  for (const column of widest(values, width)) {
    alive();
    const [first, second] = weightedGrams(single, training, (row) => values[row * width + column] ?? 0);
    for (let i = 0; i < size; i++) {
      for (let j = 1; j < i; j++) {
        const at = i * size + j;
        const square = second[at] ?? 0;
        if (square > 0) scores[at] = Math.max(scores[at] ?? 0, Math.abs(first[at] ?? 0) / Math.sqrt(square));
      }
    }
  }
  const pairs: { i: number; j: number; score: number }[] = [];
  for (let i = 0; i < size; i++) for (let j = 1; j < i; j++) if ((scores[i * size + j] ?? 0) > leastScore) pairs.push({ i, j, score: scores[i * size + j] ?? 0 });
  const kept = pairs.sort((a, b) => b.score - a.score).slice(0, mostProducts).sort((a, b) => a.i - b.i || a.j - b.j);
  return products(single, kept);
}

/** Numbers of the columns with the largest mean squares. */
function widest(values: Float64Array, width: number): number[] {
  const squares = new Float64Array(width);
  values.forEach((value, i) => (squares[i % width] = (squares[i % width] ?? 0) + value * value));
  return Array.from(squares.keys()).sort((a, b) => (squares[b] ?? 0) - (squares[a] ?? 0)).slice(0, screened);
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
