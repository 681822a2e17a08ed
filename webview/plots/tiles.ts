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
const tileBins = 64;

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

/** Images made in one frame, in milliseconds: what is left waits for the next one, so that panning and zooming stay smooth. */
const frameBudget = 6;

/** Images that are kept: a few screens of tiles. */
const mostImages = 96;

interface TileImage {
  readonly tile: CellTile;
  readonly look: HeatLook;
  readonly image: HTMLCanvasElement;
}

/** Draws a unit × time heatmap from tiles whose images are kept, so that panning only moves them. */
export class TiledHeatmap {
  private images = new Map<Cells, TileImage>();
  /** The last complete picture: what is still missing is seen through to it, coarse for a moment rather than empty. */
  private complete: readonly TileImage[] = [];

  constructor(
    /** Asks to be drawn again, because images are left to be made. */
    private readonly again: () => void,
  ) {}

  /** Draws the tiles that are here. */
  draw(surface: Surface, axis: TimeAxis, tiles: readonly CellTile[], look: HeatLook, box: Box): void {
    const until = performance.now() + frameBudget;
    const made = tiles.flatMap((tile) => {
      const image = this.imageOf(tile, look, performance.now() < until ? 'make' : 'keep');
      return image ? [image] : [];
    });
    const covered = tiles.reduce((sum, { first, count }) => sum + Math.max(0, Math.min(axis.total, first + count, axis.first + axis.count) - Math.max(first, axis.first)), 0);
    const whole = made.length === tiles.length && covered >= Math.min(axis.count, axis.total - axis.first) - 1;
    surface.save();
    surface.beginPath();
    surface.rect(box.x, box.y, box.width, box.height);
    surface.clip();
    for (const { tile, image } of whole ? made : [...this.complete, ...made]) {
      const left = columnLeft(axis, tile.first);
      drawImage(surface, image, { x: left, y: box.y, width: columnLeft(axis, tile.first + tile.bin * tile.cells.rows) - left, height: box.height });
    }
    surface.restore();
    if (whole) this.complete = made;
    if (made.length < tiles.length) this.again();
    while (this.images.size > mostImages) this.images.delete(this.images.keys().next().value as Cells);
  }

  private imageOf(tile: CellTile, look: HeatLook, missing: 'make' | 'keep'): TileImage | undefined {
    const { cells, bin } = tile;
    const { units, map, place, key } = look;
    const had = this.images.get(cells);
    if (had && had.look.units === units && had.look.map === map && had.look.key === key) return had;
    if (missing === 'keep') return undefined;
    const { low, high, rows, columns } = cells;
    // A bin of several steps is two columns: its smallest number beside its largest.
    const wide = bin === 1 ? 1 : 2;
    const image = cellImage({ columns: rows * wide, rows: units.length, place: (column, row) => place((column % wide === 0 ? low : high)[Math.floor(column / wide) * columns + (units[row] ?? 0)] ?? Number.NaN) }, map);
    const made = { tile, look, image };
    this.images.delete(cells);
    this.images.set(cells, made);
    return made;
  }
}
