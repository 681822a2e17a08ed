import { visibleToken } from '../../plots/tokenModel';
import type { DataTable } from '../../ui/dataTable';
import type { Spread } from '../layerTrace';
import type { Scene } from '../scene';
import type { Track } from '../tracks';
import { rowsOf } from './gateTrack';

/** How the units of a track spread at each step. */
export function bandTable({ layer, columns }: Scene, { label }: Track, spread: Spread | undefined): DataTable {
  const parts = spread ? [spread.minimum, spread.low, spread.median, spread.high, spread.maximum] : [];
  return {
    caption: `${label}, layer ${layer.index}: spread over ${layer.units} units`,
    columns: ['step', 'token', 'minimum', '10 %', 'median', '90 %', 'maximum'],
    rows: Array.from({ length: spread ? columns.steps : 0 }, (_, t) => [String(t), visibleToken(columns.tokens[t] ?? ''), ...parts.map((values) => values[t] ?? Number.NaN)]),
  };
}

/** Every unit at the steps that are shown; the smallest and largest number where several steps share a column. */
export function unitTable(scene: Scene, track: Track): DataTable {
  const { layer, columns, axis } = scene;
  const shown = track.shown ?? ((value: number) => value);
  const bins = layer.tiles(track.name, axis.first, axis.count, axis.count * axis.cell).flatMap(({ first, bin, cells }) =>
    Array.from({ length: cells.rows }, (_, row) => ({ from: first + row * bin, to: Math.min(columns.steps, first + (row + 1) * bin) - 1, low: cells.low.subarray(row * cells.columns, (row + 1) * cells.columns), high: cells.high.subarray(row * cells.columns, (row + 1) * cells.columns) })),
  );
  const visible = bins.filter(({ from, to }) => to >= axis.first && from < axis.first + axis.count);
  const single = visible.every(({ from, to }) => from === to);
  return {
    caption: `${track.label}, layer ${layer.index}: every unit at steps ${visible[0]?.from ?? 0} to ${visible.at(-1)?.to ?? 0}`,
    columns: ['unit', ...visible.flatMap(({ from, to }) => (single ? [`${from} ${visibleToken(columns.tokens[from] ?? '')}`] : [`${from}–${to} min`, `${from}–${to} max`]))],
    rows: rowsOf(scene, track).units.map((unit) => [
      String(unit),
      ...visible.flatMap(({ low, high }) => {
        const ends = [shown(low[unit] ?? Number.NaN), shown(high[unit] ?? Number.NaN)];
        return single ? ends.slice(0, 1) : [Math.min(...ends), Math.max(...ends)];
      }),
    ]),
  };
}
