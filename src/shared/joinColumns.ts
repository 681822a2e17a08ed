import type { MetricsColumns } from './run';

/** Entries [0, from) of `had`, followed by `added`; a column that one part lacks is NaN (or empty) there, one that both lack stays away. */
export function joinColumns(had: MetricsColumns, from: number, added: MetricsColumns): MetricsColumns {
  const more = added.step.length;
  const floats = (first: Float64Array | undefined, second: Float64Array | undefined): Float64Array => {
    const joined = new Float64Array(from + more).fill(Number.NaN);
    if (first) joined.set(first.subarray(0, from));
    if (second) joined.set(second, from);
    return joined;
  };
  const clipped = new Uint8Array(from + more);
  clipped.set(had.clipped.subarray(0, from));
  clipped.set(added.clipped, from);
  const optional: { -readonly [K in 'normAfter' | 'largestShare' | 'clipAngle' | 'seconds' | 'tokens']?: Float64Array } = {};
  for (const name of ['normAfter', 'largestShare', 'clipAngle', 'seconds', 'tokens'] as const) {
    if (had[name] || added[name]) optional[name] = floats(had[name], added[name]);
  }
  const names = (columns: MetricsColumns, length: number): readonly string[] => columns.largestParameter?.slice(0, length) ?? new Array<string>(length).fill('');
  return {
    step: floats(had.step, added.step),
    loss: floats(had.loss, added.loss),
    gradNorm: floats(had.gradNorm, added.gradNorm),
    clipped,
    learningRate: floats(had.learningRate, added.learningRate),
    ...optional,
    ...(had.largestParameter || added.largestParameter ? { largestParameter: [...names(had, from), ...names(added, more)] } : {}),
  };
}
