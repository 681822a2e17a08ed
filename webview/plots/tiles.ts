import { CellImages, type CellLook } from './cellImages';
import type { Box } from './drawing';
import { drawImage, type CellGrid } from './heatmap';
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

/** The whole text as one coarse tile. */
export function wholeTile(total: number): Tile {
  let bin = 1;
  while (total / bin > tileBins) bin *= 2;
  return { first: 0, count: total, bin };
}

/** The tiles that cover steps [first, first + count) of `total`. */
export function tilesOver({ first, count, bin }: Tile, total: number): readonly Tile[] {
  const size = tileBins * bin;
  const tiles: Tile[] = [];
  for (let from = Math.floor(Math.max(0, first) / size) * size; from < Math.min(total, first + count); from += size) tiles.push({ first: from, count: Math.min(size, total - from), bin });
  return tiles;
}

/** The tiles to the left and to the right of those: panning needs them next. */
export function tilesBeside({ first, count, bin }: Tile, total: number): readonly Tile[] {
  const size = tileBins * bin;
  const [left, right] = [Math.floor(first / size) * size - size, Math.ceil((first + count) / size) * size];
  return [left, right].flatMap((from) => (from >= 0 && from < total ? [{ first: from, count: Math.min(size, total - from), bin }] : []));
}

/** How the numbers of a heatmap become colours. */
export interface HeatLook extends CellLook {
  /** Unit of each row, from the top. */
  readonly units: readonly number[];
  readonly place: (value: number) => number;
}

/** Images that are kept: a few screens of tiles. */
const mostImages = 96;

interface TileImage {
  readonly tile: CellTile;
  readonly image: HTMLCanvasElement;
}

/** Draws a unit × time heatmap from tiles whose images are kept, so that panning only moves them. */
export class TiledHeatmap {
  private readonly images = new CellImages<Cells>(mostImages);
  /** The last complete picture: what is still missing is seen through to it, coarse for a moment rather than empty. */
  private complete: readonly TileImage[] = [];

  constructor(
    /** Asks to be drawn again, because images are left to be made. */
    private readonly again: () => void,
  ) {}

  /** Draws the tiles that are here, and makes images until a time of `performance.now()`; `whole` is all of the text, coarse. */
  draw(surface: Surface, axis: TimeAxis, { fine, whole }: { readonly fine: readonly CellTile[]; readonly whole: CellTile | undefined }, look: HeatLook, box: Box, until: number): void {
    const imagesOf = (tiles: readonly CellTile[]): readonly TileImage[] =>
      tiles.flatMap((tile) => {
        const image = this.images.of(tile.cells, look, () => gridOf(tile, look), until);
        return image ? [{ tile, image }] : [];
      });
    const made = imagesOf(fine);
    const gaps = gapsOf(axis, made);
    const complete = made.length === fine.length && gaps.length === 0;
    surface.save();
    surface.beginPath();
    surface.rect(box.x, box.y, box.width, box.height);
    surface.clip();
    // Only where something is missing: enlarging images is most of a frame's work.
    const beneath = gaps.length === 0 ? [] : this.complete;
    drawInside(surface, axis, box, gapsIn(gaps, beneath).length === 0 ? [] : imagesOf(whole ? [whole] : []), gaps);
    drawInside(surface, axis, box, beneath, gaps);
    drawTiles(surface, axis, box, made);
    surface.restore();
    if (complete) this.complete = made;
    if (made.length < fine.length) this.again();
  }
}

/** Columns [from, to). */
type Span = readonly [from: number, to: number];

/** What of the window these tiles, in order, leave uncovered. */
function gapsOf(axis: TimeAxis, tiles: readonly TileImage[]): readonly Span[] {
  return gapsIn([[axis.first, Math.min(axis.total, axis.first + axis.count)]], tiles);
}

/** What of these spans the tiles leave uncovered. */
function gapsIn(spans: readonly Span[], tiles: readonly TileImage[]): readonly Span[] {
  return tiles.reduce<readonly Span[]>(
    (left, { tile: { first, count } }) => left.flatMap(([from, to]): Span[] => ([[from, Math.min(to, first)], [Math.max(from, first + count), to]] as const).filter(([begin, end]) => end > begin)),
    spans,
  );
}

/** Draws tiles where these spans are. */
function drawInside(surface: Surface, axis: TimeAxis, box: Box, tiles: readonly TileImage[], spans: readonly Span[]): void {
  if (tiles.length === 0 || spans.length === 0) return;
  surface.save();
  surface.beginPath();
  for (const [from, to] of spans) surface.rect(columnLeft(axis, from), box.y, (to - from) * axis.cell, box.height);
  surface.clip();
  drawTiles(surface, axis, box, tiles.filter(({ tile: { first, count } }) => spans.some(([from, to]) => first < to && first + count > from)));
  surface.restore();
}

function drawTiles(surface: Surface, axis: TimeAxis, box: Box, tiles: readonly TileImage[]): void {
  for (const { tile, image } of tiles) {
    const left = columnLeft(axis, tile.first);
    drawImage(surface, image, { x: left, y: box.y, width: columnLeft(axis, tile.first + tile.bin * tile.cells.rows) - left, height: box.height });
  }
}

function gridOf({ cells: { low, high, rows, columns }, bin }: CellTile, { units, place }: HeatLook): CellGrid {
  if (bin === 1) return { columns: rows, rows: units.length, place: (column, row) => place(low[column * columns + (units[row] ?? 0)] ?? Number.NaN) };
  // A bin of several steps is two columns: its smallest number beside its largest.
  return { columns: 2 * rows, rows: units.length, place: (column, row) => place((column % 2 === 0 ? low : high)[(column >> 1) * columns + (units[row] ?? 0)] ?? Number.NaN) };
}
