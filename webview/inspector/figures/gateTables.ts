import { binFor, tilesOver } from '../../plots/tiles';
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

/** Every unit at the steps that are shown; the smallest and largest number where several steps share a column. What is on its way has its column already. */
export function unitTable(scene: Scene, track: Track): DataTable {
  const { layer, columns, axis } = scene;
  const shown = track.shown ?? ((value: number) => value);
  const pixels = axis.count * axis.cell;
  const bin = binFor(axis.count, pixels);
  const here = layer.tiles(track.name, axis.first, axis.count, pixels);
  const steps = tilesOver({ first: axis.first, count: axis.count, bin }, columns.steps).flatMap(({ first, count }) => {
    const cells = here.find((tile) => tile.first === first)?.cells;
    return Array.from({ length: Math.ceil(count / bin) }, (_, row) => ({ from: first + row * bin, to: Math.min(columns.steps, first + (row + 1) * bin) - 1, cells, row }));
  });
  const visible = steps.filter(({ from, to }) => to >= axis.first && from < axis.first + axis.count);
  return {
    caption: `${track.label}, layer ${layer.index}: every unit at steps ${visible[0]?.from ?? 0} to ${visible.at(-1)?.to ?? 0}`,
    columns: ['unit', ...visible.flatMap(({ from, to }) => (bin === 1 ? [`${from} ${visibleToken(columns.tokens[from] ?? '')}`] : [`${from}–${to} min`, `${from}–${to} max`]))],
    rows: rowsOf(scene, track).units.map((unit) => [
      String(unit),
      ...visible.flatMap(({ cells, row }) => {
        const place = row * layer.units + unit;
        const ends = [shown(cells?.low[place] ?? Number.NaN), shown(cells?.high[place] ?? Number.NaN)];
        return bin === 1 ? ends.slice(0, 1) : [Math.min(...ends), Math.max(...ends)];
      }),
    ]),
  };
}
