import { bySimilarity, descending, type UnitSort } from '../plots/unitOrder';
import type { LayerTrace } from './layerTrace';
import type { ViewState } from './viewState';

/** Rows of a unit × time heatmap. */
export interface UnitRows {
  /** Unit of each row, from the top. */
  readonly units: readonly number[];
  /** What the rows are sorted by, for the axis. */
  readonly label: string;
  /** The number that stands beside a row. */
  readonly tick: (row: number) => string;
}

/** Name of the choice in `ViewState.options`. */
export const sortOption = 'units.sort';

/** Sorts that a layer offers; a vanilla RNN has no gate that keeps state, hence no time constants. */
export function sortsOf(layer: LayerTrace): readonly { readonly value: UnitSort; readonly label: string }[] {
  return [
    ...(layer.keepGate === undefined ? [] : [{ value: 'time-constant' as const, label: 'time constant' }]),
    { value: 'activation', label: 'mean value' },
    { value: 'similarity', label: 'similarity' },
    { value: 'index', label: 'index' },
  ];
}

/** The chosen sort as far as the layer has it. */
export function sortOf(view: ViewState, layer: LayerTrace): UnitSort {
  const sorts = sortsOf(layer);
  return sorts.find(({ value }) => value === view.options[sortOption])?.value ?? (layer.keepGate === undefined ? 'index' : 'time-constant');
}

/** Units are compared at this many points in time at most. */
const similarityPoints = 512;

const kept = new WeakMap<LayerTrace, Map<string, UnitRows>>();

/** Rows for the heatmap of a tensor; in order of index while the numbers to sort by are on their way. */
export function unitRows(layer: LayerTrace, track: string, sort: UnitSort): UnitRows {
  const known = kept.get(layer) ?? new Map<string, UnitRows>();
  kept.set(layer, known);
  const key = sort === 'time-constant' || sort === 'index' ? sort : `${sort} ${track}`;
  const had = known.get(key);
  if (had) return had;
  const made = sorted(layer, track, sort);
  if (made) known.set(key, made);
  return made ?? known.get('index') ?? keep(known, byIndex(layer.units));
}

function keep(known: Map<string, UnitRows>, rows: UnitRows): UnitRows {
  known.set('index', rows);
  return rows;
}

function byIndex(count: number): UnitRows {
  const units = Array.from({ length: count }, (_, unit) => unit);
  return { units, label: 'unit', tick: (row) => String(units[row] ?? '') };
}

function sorted(layer: LayerTrace, track: string, sort: UnitSort): UnitRows | undefined {
  if (sort === 'index') return byIndex(layer.units);
  if (sort === 'time-constant') {
    const constants = layer.timeConstants;
    if (!constants) return undefined;
    const units = descending(constants);
    return { units, label: 'unit, by τ (steps)', tick: (row) => constantText(constants[units[row] ?? -1] ?? Number.NaN) };
  }
  const mean = layer.statistics(track)?.mean;
  if (!mean) return undefined;
  const loudest = descending(mean);
  if (sort === 'activation') return { units: loudest, label: 'unit, by mean', tick: (row) => (mean[loudest[row] ?? -1] ?? Number.NaN).toFixed(2).replace('-', '−') };
  const tiles = layer.tiles(track, 0, layer.steps, similarityPoints);
  const points = tiles.reduce((sum, { cells }) => sum + cells.high.length, 0);
  if (points < layer.units * Math.ceil(layer.steps / (tiles[0]?.bin ?? 1))) return undefined; // some are still on their way
  const curves = new Float64Array(points);
  let at = 0;
  for (const { cells } of tiles) {
    curves.set(cells.high, at);
    at += cells.high.length;
  }
  const units = bySimilarity(curves, layer.units, loudest[0] ?? 0);
  return { units, label: 'unit, by similarity', tick: (row) => String(units[row] ?? '') };
}

function constantText(steps: number): string {
  return Number.isFinite(steps) ? (steps >= 9.95 ? steps.toFixed(0) : steps.toFixed(1)) : '∞';
}
