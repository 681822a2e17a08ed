import type { ColorMap } from '../colorMaps';
import type { Box } from './canvas';

/** Numbers in cells: `place(column, row)` on a scale from 0 to 1, NaN where there are none. */
export interface CellGrid {
  readonly columns: number;
  readonly rows: number;
  readonly place: (column: number, row: number) => number;
}

/**
 * Fills a box with one colour a cell. The cells are painted as an image of one pixel each
 * and enlarged without smoothing, so neighbours meet without seams at any cell size.
 */
export function drawCells(context: CanvasRenderingContext2D, grid: CellGrid, map: ColorMap, box: Box): void {
  if (grid.columns < 1 || grid.rows < 1) return;
  const image = new ImageData(grid.columns, grid.rows);
  for (let row = 0; row < grid.rows; row++) {
    for (let column = 0; column < grid.columns; column++) map.write(grid.place(column, row), image.data, 4 * (row * grid.columns + column));
  }
  const cells = new OffscreenCanvas(grid.columns, grid.rows);
  cells.getContext('2d')?.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(cells, box.x, box.y, box.width, box.height);
}
