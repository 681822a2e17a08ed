import type { Surface } from './surface';
import { columnCentre, type TimeAxis } from './timeAxis';

/** Vertical place of a value in CSS pixels. */
export type Vertical = (value: number) => number;

/** How a line is drawn. */
export interface LineStyle {
  readonly color: string;
  readonly width: number;
  readonly dash?: readonly number[];
  /** Drawn beneath, wider: keeps a line visible on bands in high contrast. */
  readonly outline?: string;
}

/** Steps of `values` that the axis shows, one more on each side so that lines run to the edge. */
function visible(axis: TimeAxis, length: number): readonly [number, number] {
  return [Math.max(0, axis.first - 1), Math.min(length - 1, axis.first + axis.count)];
}

/** Keeps everything between the first and the last column. */
export function clipToPlot(surface: Surface, axis: TimeAxis, top: number, height: number, draw: () => void): void {
  surface.save();
  surface.beginPath();
  surface.rect(axis.gutter, top, axis.count * axis.cell, height);
  surface.clip();
  draw();
  surface.restore();
}

/** A line through one value a column; gaps where a value is NaN. */
export function drawLine(surface: Surface, axis: TimeAxis, values: ArrayLike<number>, y: Vertical, style: LineStyle): void {
  const [from, to] = visible(axis, values.length);
  surface.beginPath();
  let drawing = false;
  for (let column = from; column <= to; column++) {
    const value = values[column] ?? Number.NaN;
    if (Number.isNaN(value)) drawing = false;
    else if (drawing) surface.lineTo(columnCentre(axis, column), y(value));
    else {
      surface.moveTo(columnCentre(axis, column), y(value));
      drawing = true;
    }
  }
  surface.lineJoin = 'round';
  surface.setLineDash([]);
  if (style.outline !== undefined) {
    surface.strokeStyle = style.outline;
    surface.lineWidth = style.width + 2.5;
    surface.stroke();
  }
  surface.setLineDash([...(style.dash ?? [])]);
  surface.strokeStyle = style.color;
  surface.lineWidth = style.width;
  surface.stroke();
  surface.setLineDash([]);
}

/** The area between two values a column. */
export function drawArea(surface: Surface, axis: TimeAxis, low: ArrayLike<number>, high: ArrayLike<number>, y: Vertical, fill: string): void {
  const [from, to] = visible(axis, low.length);
  if (to < from) return;
  surface.beginPath();
  for (let column = from; column <= to; column++) surface.lineTo(columnCentre(axis, column), y(high[column] ?? 0));
  for (let column = to; column >= from; column--) surface.lineTo(columnCentre(axis, column), y(low[column] ?? 0));
  surface.closePath();
  surface.fillStyle = fill;
  surface.fill();
}
