import type { ColorMap } from '../colorMaps';
import type { Box } from './drawing';
import type { Surface } from './surface';

/** Numbers in cells: `place(column, row)` on a scale from 0 to 1, NaN where there are none. */
export interface CellGrid {
  readonly columns: number;
  readonly rows: number;
  readonly place: (column: number, row: number) => number;
}

/** An image of one pixel a cell, in the colour of its number; transparent where there is none. */
export function cellImage({ columns, rows, place }: CellGrid, map: ColorMap): HTMLCanvasElement {
  const image = new ImageData(Math.max(1, columns), Math.max(1, rows));
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) map.write(place(column, row), image.data, 4 * (row * columns + column));
  }
  const cells = document.createElement('canvas');
  cells.width = image.width;
  cells.height = image.height;
  cells.getContext('2d')?.putImageData(image, 0, 0);
  return cells;
}

/** Fills a box with one colour a cell: an image enlarged without smoothing, so neighbours meet without seams at any cell size. */
export function drawCells(surface: Surface, grid: CellGrid, map: ColorMap, box: Box): void {
  if (grid.columns < 1 || grid.rows < 1) return;
  drawImage(surface, cellImage(grid, map), box);
}

/** Draws an image of cells into a box, without smoothing. */
export function drawImage(surface: Surface, image: HTMLCanvasElement, box: Box): void {
  surface.imageSmoothingEnabled = false;
  surface.drawImage(image, box.x, box.y, box.width, box.height);
}
