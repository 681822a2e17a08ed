import type { Numbers } from './numbers';

/** What the rows of unit × time heatmaps are sorted by. */
export type UnitSort = 'time-constant' | 'activation' | 'similarity' | 'index';

/**
 * How long a unit keeps its state on average, in steps: τ = −1 / ln(mean keep gate),
 * [units]. The keep gate is the LSTM's forget gate or the GRU's z, both "1 keeps".
 */
export function timeConstantsOf(meanKeepGate: Numbers): Float64Array {
  return Float64Array.from(meanKeepGate, (mean) => -1 / Math.log(mean));
}

/** Units from the largest to the smallest of `values`, [units]; equal ones in order of index. */
export function descending(values: ArrayLike<number>): readonly number[] {
  return Array.from(values, (_, unit) => unit).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
}

/**
 * Units such that neighbours do alike: from the first of `start` on, each time the unit whose curve correlates most
 * (Pearson) with the last one's. `curves` is [points, units], row-major.
 */
export function bySimilarity(curves: ArrayLike<number>, units: number, start: number): readonly number[] {
  const points = units === 0 ? 0 : curves.length / units;
  const normalised = Array.from({ length: units }, (_, unit) => normalise(Float64Array.from({ length: points }, (__, point) => curves[point * units + unit] ?? 0)));
  const left = new Set(normalised.keys());
  const order: number[] = [];
  for (let unit: number | undefined = start; unit !== undefined && left.delete(unit); ) {
    order.push(unit);
    const last = normalised[unit] ?? new Float64Array(points);
    let best = -Infinity;
    let next: number | undefined;
    for (const other of left) {
      const curve = normalised[other] ?? last;
      let product = 0;
      for (let point = 0; point < points; point++) product += (last[point] ?? 0) * (curve[point] ?? 0);
      if (product > best) [best, next] = [product, other];
    }
    unit = next ?? left.values().next().value;
  }
  return order;
}

/** Mean 0 and length 1; a constant curve stays 0. */
function normalise(curve: Float64Array): Float64Array {
  const mean = curve.reduce((sum, value) => sum + value, 0) / Math.max(1, curve.length);
  const centred = curve.map((value) => value - mean);
  const length = Math.sqrt(centred.reduce((sum, value) => sum + value * value, 0));
  return length > 0 ? centred.map((value) => value / length) : centred;
}
