import type { ColorMap } from '../colorMaps';
import { CellPainter, type CellGrid } from './heatmap';

/** How cells become colours; images are kept as long as it stays the same. */
export interface CellLook {
  readonly map: ColorMap;
  /** What else changes the picture, part by part. */
  readonly signature: readonly unknown[];
}

interface Kept {
  readonly look: CellLook;
  readonly painter: CellPainter;
  image?: HTMLCanvasElement;
}

/** Images of cells, painted bit by bit over several frames so that none of them is late, and kept. */
export class CellImages<Cells extends object> {
  private readonly kept = new Map<Cells, Kept>();

  constructor(
    /** What was not drawn for longest goes first. */
    private readonly most: number,
  ) {}

  /** The image of these cells; undefined when it could not be finished until a time of `performance.now()`. */
  of(cells: Cells, look: CellLook, grid: () => CellGrid, until: number): HTMLCanvasElement | undefined {
    const had = this.kept.get(cells);
    const kept: Kept = had && sameLook(had.look, look) ? had : { look, painter: new CellPainter(grid(), look.map) };
    this.kept.delete(cells);
    this.kept.set(cells, kept);
    if (!kept.image && performance.now() < until) kept.image = kept.painter.paint(until);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= this.most) break;
      this.kept.delete(oldest);
    }
    return kept.image;
  }
}

function sameLook(one: CellLook, other: CellLook): boolean {
  return one.map === other.map && one.signature.length === other.signature.length && one.signature.every((part, index) => part === other.signature[index]);
}
