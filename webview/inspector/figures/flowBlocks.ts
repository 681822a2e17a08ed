import { binFor, type Cells } from '../../plots/tiles';
import type { LayerTrace } from '../layerTrace';
import type { Scene } from '../scene';
import type { FlowRows } from './flow';

/** A part of the flow matrix: losses [first, first + count) down, steps [left, left + width) across, in bins. */
export interface FlowAsk {
  readonly first: number;
  readonly count: number;
  readonly bin: number;
  readonly left: number;
  readonly width: number;
  readonly widthBin: number;
}

/** A part with its cells. */
export interface FlowBlock {
  readonly ask: FlowAsk;
  readonly cells: Cells;
}

/** Bins along a side of a block. */
const blockBins = 256;

/** Finds the blocks that a window needs, and the last ones that were there while they are on their way. */
export class FlowBlocks {
  private last: { readonly layer: LayerTrace; readonly blocks: readonly FlowBlock[] } | undefined;

  /** Blocks of the shown triangle at the resolution of the plot. */
  over({ layer, axis }: Scene, rows: FlowRows): readonly FlowBlock[] {
    const { bin, widthBin } = flowBins(axis, rows);
    const asked = asks(layer, { first: rows.first, count: rows.count, bin, left: axis.first, width: axis.count, widthBin });
    const blocks = asked.flatMap((ask) => {
      const cells = layer.flowCells(ask);
      return cells ? [{ ask, cells }] : [];
    });
    const before = this.last?.layer === layer && blocks.length < asked.length ? this.last.blocks : [];
    if (blocks.length === asked.length) this.last = { layer, blocks };
    return [...before, ...blocks];
  }
}

/** Losses and steps that share a cell of the plot. */
export function flowBins(axis: Scene['axis'], rows: FlowRows): Pick<FlowAsk, 'bin' | 'widthBin'> {
  const ratio = window.devicePixelRatio || 1;
  return { bin: binFor(rows.count, Math.max(1, Math.round(rows.count * rows.height) * ratio)), widthBin: binFor(axis.count, axis.count * axis.cell * ratio) };
}

function asks(layer: LayerTrace, { first, count, bin, left, width, widthBin }: FlowAsk): FlowAsk[] {
  const [tall, wide] = [blockBins * bin, blockBins * widthBin];
  const found: FlowAsk[] = [];
  for (let top = Math.floor(first / tall) * tall; top < Math.min(layer.flowRows, first + count); top += tall) {
    const rows = Math.min(tall, layer.flowRows - top);
    for (let from = Math.floor(left / wide) * wide; from < Math.min(layer.steps, left + width); from += wide) {
      const columns = Math.min(wide, layer.steps - from);
      const [t, k] = layer.reading === 'forward' ? [layer.stepOfRow(top + rows - 1), from] : [layer.stepOfRow(top), from + columns - 1];
      if (layer.reaches(t, k) === 'yes') found.push({ first: top, count: rows, bin, left: from, width: columns, widthBin });
    }
  }
  return found;
}

/** Places of a block's cells on a scale: NaN where no loss of the cell can reach any of its steps; where steps share a bin, its smallest number beside its largest. */
export function placeOf({ ask, cells }: FlowBlock, layer: LayerTrace, scale: (value: number) => number): { readonly columns: number; readonly place: (column: number, row: number) => number } {
  const wide = ask.widthBin === 1 ? 1 : 2;
  return {
    columns: cells.columns * wide,
    place(column, row) {
      const bin = Math.floor(column / wide);
      const [t, k] = [layer.stepOfRow(ask.first + row * ask.bin), ask.left + bin * ask.widthBin];
      const [lastT, lastK] = [t + ask.bin - 1, k + ask.widthBin - 1];
      const [some, all] = layer.reading === 'forward' ? [layer.reaches(lastT, k), layer.reaches(t, lastK)] : [layer.reaches(t, lastK), layer.reaches(lastT, k)];
      if (some === 'no') return Number.NaN;
      // A bin across the diagonal holds pairs that cannot reach each other; their zeros are no numbers.
      return scale((all === 'yes' && column % wide === 0 ? cells.low : cells.high)[row * cells.columns + bin] ?? Number.NaN);
    },
  };
}
