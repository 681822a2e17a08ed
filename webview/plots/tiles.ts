import type { ColorMap } from '../colorMaps';
import type { Box } from './drawing';
import { cellImage, drawImage } from './heatmap';
import type { Numbers } from './numbers';
import type { Surface } from './surface';
import { columnLeft, type TimeAxis } from './timeAxis';

/** Smallest and largest number of each cell, row-major [rows, columns]; equal where a cell is one number. */
export interface Cells {
  readonly rows: number;
  readonly columns: number;
  readonly low: Numbers;
  readonly high: Numbers;
}

/** Timesteps [first, first + count) of a tensor in bins of `bin` steps. */
export interface Tile {
  readonly first: number;
  readonly count: number;
  readonly bin: number;
}

/** A tile with its cells: a row for each bin of timesteps, a column for each unit. */
export interface CellTile extends Tile {
  readonly cells: Cells;
}

/** Bins in a tile: panning by less than a tile needs nothing new. */
const tileBins = 256;

/** Timesteps in a bin, a power of two, so that the bins of `count` steps are no narrower than two pixels: one shows the smallest, one the largest number. */
export function binFor(count: number, pixels: number): number {
  if (count <= pixels) return 1;
  let bin = 2;
  while ((2 * count) / bin > pixels) bin *= 2;
  return bin;
}

/** The tiles that cover steps [first, first + count) of `total`. */
export function tilesOver({ first, count, bin }: Tile, total: number): readonly Tile[] {
  const size = tileBins * bin;
  const tiles: Tile[] = [];
  for (let from = Math.floor(Math.max(0, first) / size) * size; from < Math.min(total, first + count); from += size) tiles.push({ first: from, count: Math.min(size, total - from), bin });
  return tiles;
}

/** How the numbers of a heatmap become colours. */
export interface HeatLook {
  /** Unit of each row, from the top. */
  readonly units: readonly number[];
  readonly map: ColorMap;
  readonly place: (value: number) => number;
  /** Tells looks apart whose `place` differs. */
  readonly key: string;
}

/** Draws a unit × time heatmap from tiles whose images are kept, so that panning only moves them. */
export class TiledHeatmap {
  private images = new Map<Cells, { readonly units: readonly number[]; readonly map: ColorMap; readonly key: string; readonly image: HTMLCanvasElement }>();
  private drawn: readonly CellTile[] = [];

  /** Tiles that are missing are drawn from those that were here before, if they belong to the same trace: coarse for a moment rather than empty. */
  draw(surface: Surface, axis: TimeAxis, tiles: readonly CellTile[], look: HeatLook, box: Box): void {
    const covered = tiles.reduce((sum, { count }) => sum + count, 0);
    const stand = covered >= Math.min(axis.count, axis.total) || tiles.length > 0 ? [] : this.drawn;
    surface.save();
    surface.beginPath();
    surface.rect(box.x, box.y, box.width, box.height);
    surface.clip();
    for (const tile of [...stand, ...tiles]) {
      const left = columnLeft(axis, tile.first);
      drawImage(surface, this.imageOf(tile, look), { x: left, y: box.y, width: columnLeft(axis, tile.first + tile.bin * tile.cells.rows) - left, height: box.height });
    }
    surface.restore();
    if (tiles.length > 0) {
      this.drawn = tiles;
      const shown = new Set(tiles.map(({ cells }) => cells));
      // Images of tiles that went out of sight stay for the way back, up to a screen or two.
      if (this.images.size > 24) this.images = new Map([...this.images].filter(([cells]) => shown.has(cells)));
    }
  }

  private imageOf({ cells, bin }: CellTile, { units, map, place, key }: HeatLook): HTMLCanvasElement {
    const had = this.images.get(cells);
    if (had && had.units === units && had.map === map && had.key === key) return had.image;
    const { low, high, rows, columns } = cells;
    // A bin of several steps is two columns: its smallest number beside its largest.
    const wide = bin === 1 ? 1 : 2;
    const image = cellImage({ columns: rows * wide, rows: units.length, place: (column, row) => place((column % wide === 0 ? low : high)[Math.floor(column / wide) * columns + (units[row] ?? 0)] ?? Number.NaN) }, map);
    this.images.set(cells, { units, map, key, image });
    return image;
  }
}
