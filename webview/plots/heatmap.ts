import type { ColorMap } from '../colorMaps';
import type { Box } from './drawing';
import type { Surface } from './surface';

/** Numbers in cells: `place(column, row)` on a scale from 0 to 1, NaN where there are none. */
export interface CellGrid {
  readonly columns: number;
  readonly rows: number;
  readonly place: (column: number, row: number) => number;
}

/** Paints one pixel a cell, in the colour of its number and transparent where there is none, as far as there is time. */
export class CellPainter {
  private readonly image: ImageData;
  private readonly pixels: Uint32Array;
  private row = 0;

  constructor(
    private readonly grid: CellGrid,
    private readonly map: ColorMap,
  ) {
    this.image = new ImageData(Math.max(1, grid.columns), Math.max(1, grid.rows));
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  /** Goes on until a time of `performance.now()`; gives the image once all of it is painted. */
  paint(until: number): HTMLCanvasElement | undefined {
    const { columns, rows, place } = this.grid;
    const { pixels, map } = this;
    while (this.row < rows) {
      const from = this.row * columns;
      for (let column = 0; column < columns; column++) pixels[from + column] = map.pixel(place(column, this.row));
      this.row++;
      if (this.row < rows && performance.now() >= until) return undefined;
    }
    const canvas = document.createElement('canvas');
    canvas.width = this.image.width;
    canvas.height = this.image.height;
    canvas.getContext('2d')?.putImageData(this.image, 0, 0);
    return canvas;
  }
}

/** Fills a box with one colour a cell: an image enlarged without smoothing, so neighbours meet without seams at any cell size. */
export function drawCells(surface: Surface, grid: CellGrid, map: ColorMap, box: Box): void {
  if (grid.columns < 1 || grid.rows < 1) return;
  const image = new CellPainter(grid, map).paint(Infinity);
  if (image) drawImage(surface, image, box);
}

/** Draws an image of cells into a box, without smoothing. */
export function drawImage(surface: Surface, image: HTMLCanvasElement, box: Box): void {
  surface.imageSmoothingEnabled = false;
  surface.drawImage(image, box.x, box.y, box.width, box.height);
}
