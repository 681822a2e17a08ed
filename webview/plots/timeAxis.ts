/** Columns that are shown: [first, first + count) of `total`. */
export interface TimeWindow {
  readonly first: number;
  readonly count: number;
  readonly total: number;
}

/** The one time axis of all figures: column t stands at the same x in each of them. Lengths in CSS pixels. */
export interface TimeAxis extends TimeWindow {
  /** Left of the first column. */
  readonly gutter: number;
  /** Right of the last column. */
  readonly margin: number;
  /** Width of one column. */
  readonly cell: number;
}

/** Columns narrower than this cannot be read or hit; fewer are shown instead. */
export const minimumCell = 9;

/** The narrowest column one can zoom out to: four share a pixel, which then shows their extremes. */
const narrowestCell = 0.25;

/** A window of at most this many columns fits a plot of `plotWidth` pixels. */
export function columnsThatFit(plotWidth: number, cell = minimumCell): number {
  return Math.max(1, Math.floor(plotWidth / cell));
}

/** `first` and `count` moved into [0, total) with at least 8 columns (or all there are). */
export function clampWindow(first: number, count: number, total: number): TimeWindow {
  const shown = Math.min(total, Math.max(Math.min(8, total), Math.round(count)));
  return { first: Math.min(Math.max(0, Math.round(first)), total - shown), count: shown, total };
}

/** The window that a plot shows unless somebody zoomed: all columns when they fit, else the last ones. */
export function defaultWindow(total: number, plotWidth: number, cell = minimumCell): TimeWindow {
  const count = Math.min(total, columnsThatFit(plotWidth, cell));
  return clampWindow(total - count, count, total);
}

/** Zooms by `factor` (above 1 shows more) so that `column` keeps its place. */
export function zoomWindow(window: TimeWindow, column: number, factor: number, plotWidth: number): TimeWindow {
  const most = Math.min(window.total, columnsThatFit(plotWidth, narrowestCell));
  const count = Math.min(most, Math.max(Math.min(8, window.total), Math.round(window.count * factor)));
  const share = (column - window.first) / window.count;
  return clampWindow(column - share * count, count, window.total);
}

/** The least movement of the window that shows `column`. */
export function windowAround(window: TimeWindow, column: number): TimeWindow {
  if (column < window.first) return clampWindow(column, window.count, window.total);
  if (column >= window.first + window.count) return clampWindow(column - window.count + 1, window.count, window.total);
  return window;
}

/** Lays a window over a plot that is `width` pixels wide, gutters included. */
export function layOut(window: TimeWindow, width: number, gutter: number, margin: number): TimeAxis {
  return { ...window, gutter, margin, cell: Math.max(1, width - gutter - margin) / Math.max(1, window.count) };
}

/** Left edge of a column. */
export function columnLeft(axis: TimeAxis, column: number): number {
  return axis.gutter + (column - axis.first) * axis.cell;
}

/** Middle of a column. */
export function columnCentre(axis: TimeAxis, column: number): number {
  return columnLeft(axis, column + 0.5);
}

/** The column under x, or undefined beside the plot. */
export function columnAt(axis: TimeAxis, x: number): number | undefined {
  const column = axis.first + Math.floor((x - axis.gutter) / axis.cell);
  return column >= axis.first && column < axis.first + axis.count ? column : undefined;
}

/** Right edge of the last column. */
export function plotRight(axis: TimeAxis): number {
  return axis.gutter + axis.count * axis.cell;
}

/** Columns that carry a number: every 1, 2, 5, 10 … such that labels stand at least `spacing` pixels apart. */
export function columnTicks(axis: TimeAxis, spacing = 60): number[] {
  let step = 1;
  for (let turn = 0; step * axis.cell < spacing; turn++) step *= turn % 3 === 1 ? 2.5 : 2;
  const ticks: number[] = [];
  for (let column = Math.ceil(axis.first / step) * step; column < axis.first + axis.count; column += step) ticks.push(column);
  return ticks;
}
