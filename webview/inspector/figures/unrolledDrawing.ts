import type { CellPlace } from '../../../src/engine/order';
import type { GraphLayer, Seen } from '../../plots/graphModel';
import type { Surface } from '../../plots/surface';
import { columnCentre, columnLeft, type TimeAxis } from '../../plots/timeAxis';
import { mix, type Theme } from '../../theme';

const rowHeight = 20;
/** Between layers, where the upward arrows are. */
const gap = 14;
const inputHeight = 16;

/** One direction of one layer: a row of cells. Heights in CSS pixels. */
export interface GraphRow {
  readonly layer: number;
  readonly direction: number;
  readonly y: number;
  readonly height: number;
}

/** Rows from the top: the last layer first, its reverse direction beneath its forward one. */
export function rowsOfGraph(layers: readonly GraphLayer[]): readonly GraphRow[] {
  let y = 4;
  return layers.map(({ directions }, layer) => ({ layer, directions })).reverse().flatMap(({ layer, directions }) => {
    const rows = directions.map((_, direction) => ({ layer, direction, y: y + direction * (rowHeight + 2), height: rowHeight }));
    y += directions.length * (rowHeight + 2) - 2 + gap;
    return rows;
  });
}

/** Height of the whole graph with its row of inputs. */
export function graphHeight(layers: readonly GraphLayer[]): number {
  return 4 + layers.reduce((sum, { directions }) => sum + directions.length * (rowHeight + 2) - 2 + gap, 0) + inputHeight;
}

/** What is drawn of the graph. */
export interface GraphInput {
  readonly theme: Theme;
  readonly axis: TimeAxis;
  readonly layers: readonly GraphLayer[];
  readonly steps: number;
  readonly stateOf: (cell: CellPlace) => 'waiting' | 'running' | 'computed';
  readonly pointed?: CellPlace;
  /** Inputs that the pointed cell has seen. */
  readonly seen?: Seen;
}

/** Draws inputs, cells and arrows of the columns that the axis shows. */
export function drawGraph(surface: Surface, input: GraphInput): void {
  const { theme, axis, layers, steps, seen } = input;
  const rows = rowsOfGraph(layers);
  const from = axis.first;
  const to = Math.min(steps, axis.first + axis.count);
  const inputTop = graphHeight(layers) - inputHeight;
  surface.setLineDash([]);
  for (let t = from; t < to; t++) {
    const inside = seen !== undefined && t >= seen.first && t <= seen.last;
    surface.fillStyle = inside ? theme.focus : theme.innerBand;
    surface.fillRect(columnCentre(axis, t) - 2.5, inputTop + 5, 5, 5);
  }
  for (const row of rows) {
    for (let t = from; t < to; t++) drawCell(surface, input, row, t);
    drawAcross(surface, input, row, from, to);
  }
  layers.forEach((_, index) => drawUpward(surface, input, rows, index, from, to, inputTop + 5));
}

function drawCell(surface: Surface, { theme, axis, stateOf, pointed }: GraphInput, { layer, direction, y, height }: GraphRow, t: number): void {
  const inset = Math.min(4, axis.cell * 0.22);
  const box = { x: columnLeft(axis, t) + inset, width: Math.max(2, axis.cell - 2 * inset) };
  const state = stateOf({ layer, direction, t });
  if (state !== 'waiting') {
    surface.fillStyle = state === 'running' ? theme.hidden : theme.innerBand;
    surface.fillRect(box.x, y, box.width, height);
  }
  const here = pointed?.layer === layer && pointed.direction === direction && pointed.t === t;
  surface.strokeStyle = here ? theme.focus : theme.frame;
  surface.lineWidth = here ? 2 : 1;
  surface.strokeRect(box.x + 0.5, y + 0.5, box.width - 1, height - 1);
}

/** Arrows along time; they are left out where columns stand too close for them. */
function drawAcross(surface: Surface, { theme, axis, layers, steps }: GraphInput, { layer, direction, y, height }: GraphRow, from: number, to: number): void {
  const inset = Math.min(4, axis.cell * 0.22);
  if (2 * inset < 3) return;
  const reverse = layers[layer]?.directions[direction] === 'reverse';
  surface.strokeStyle = mix(theme.foreground, 55);
  surface.lineWidth = 1;
  for (let t = Math.max(1, from); t < Math.min(to + 1, steps); t++) {
    const x = columnLeft(axis, t);
    const [tail, head] = reverse ? [x + inset, x - inset] : [x - inset, x + inset];
    arrow(surface, [tail, y + height / 2], [head, y + height / 2]);
  }
}

/** Arrows from what lies below a layer into it, and dashed ways around it where it has a connection. */
function drawUpward(surface: Surface, { theme, axis, layers }: GraphInput, rows: readonly GraphRow[], index: number, from: number, to: number, inputTop: number): void {
  const own = rows.filter(({ layer }) => layer === index);
  const below = rows.filter(({ layer }) => layer === index - 1);
  const bottom = Math.max(...own.map(({ y, height }) => y + height));
  const top = Math.min(...own.map(({ y }) => y));
  const start = below.length > 0 ? Math.min(...below.map(({ y }) => y)) : inputTop;
  surface.strokeStyle = mix(theme.foreground, 55);
  surface.lineWidth = 1;
  for (let t = from; t < to; t++) arrow(surface, [columnCentre(axis, t), start - 1], [columnCentre(axis, t), bottom + 1]);
  if (layers[index]?.connection === 'none') return;
  surface.setLineDash([2, 2]);
  for (let t = from; t < to; t++) {
    const x = columnLeft(axis, t) + 1.5;
    surface.beginPath();
    surface.moveTo(columnCentre(axis, t), start - 4);
    surface.lineTo(x, start - 4);
    surface.lineTo(x, top - 5);
    surface.lineTo(columnCentre(axis, t), top - 5);
    surface.stroke();
  }
  surface.setLineDash([]);
}

function arrow(surface: Surface, from: readonly [number, number], to: readonly [number, number]): void {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
  const [x, y] = [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
  const head = Math.min(3, length / 2);
  surface.beginPath();
  surface.moveTo(from[0], from[1]);
  surface.lineTo(to[0], to[1]);
  surface.moveTo(to[0] - head * (x + y), to[1] - head * (y - x));
  surface.lineTo(to[0], to[1]);
  surface.lineTo(to[0] - head * (x - y), to[1] - head * (y + x));
  surface.stroke();
}
