import { max, min } from 'd3-array';
import { scaleLinear, scaleLog, type ScaleLinear } from 'd3-scale';
import { labelFont, tickFont } from '../plots/axisDrawing';
import { drawRule, drawText } from '../plots/drawing';
import { nearestIndex } from '../plots/lossModel';
import { powerOfTen } from '../plots/scales';
import type { Surface } from '../plots/surface';
import type { Theme } from '../theme';
import type { LineLook } from './lines';

/** One line; x ascends, and null is a gap. */
export interface Line {
  readonly look: LineLook;
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
}

/** What a figure of several lines is drawn from. */
export interface LinesInput {
  readonly theme: Theme;
  readonly width: number;
  readonly height: number;
  readonly lines: readonly Line[];
  readonly scale: 'linear' | 'log';
  /** Name of the x axis, with its unit. */
  readonly axis: string;
}

/** Room for ticks and the name of the axis, in CSS pixels. */
const edge = { left: 46, right: 14, top: 8, bottom: 38 };

/** From numbers on the axis to pixels. */
function places(lines: readonly Pick<Line, 'x'>[], width: number): ScaleLinear<number, number> {
  const xs = lines.flatMap(({ x }) => x);
  return scaleLinear([Math.min(0, min(xs) ?? 0), Math.max(0, max(xs) ?? 0) || 1], [edge.left, width - edge.right]);
}

/** What each line has nearest to a pixel of the axis; undefined beside the plot. */
export function linesAt(lines: readonly Line[], width: number, at: number): readonly ({ readonly x: number; readonly y: number | null } | undefined)[] | undefined {
  if (at < edge.left || at > width - edge.right) return undefined;
  const wanted = places(lines, width).invert(at);
  return lines.map(({ x, y }) => {
    const index = nearestIndex(x, wanted);
    return index < 0 ? undefined : { x: x[index] ?? 0, y: y[index] ?? null };
  });
}

/** Several lines over one axis. */
export function drawLines(surface: Surface, { theme, width, height, lines, scale, axis }: LinesInput): void {
  const drawable = (value: number | null | undefined): value is number => typeof value === 'number' && (scale === 'linear' || value > 0);
  const ys = lines.flatMap(({ y }) => y).filter(drawable);
  const [bottom, right] = [height - edge.bottom, width - edge.right];
  const x = places(lines, width);
  const y = (scale === 'log' ? scaleLog() : scaleLinear()).domain(rangeOf(ys, scale)).range([bottom, edge.top]);
  const [low = 0, high = 1] = y.domain();
  for (const value of scale === 'log' ? decadesBetween(low, high) : y.ticks(6)) {
    drawRule(surface, [edge.left, y(value)], [right, y(value)], theme.grid);
    drawText(surface, scale === 'log' ? powerOfTen(Math.round(Math.log10(value))) : String(Number(value.toFixed(3))), edge.left - 5, y(value), { color: theme.muted, font: tickFont(theme), align: 'right' });
  }
  for (const value of x.ticks(Math.max(2, Math.floor(width / 80)))) drawText(surface, value.toLocaleString('en-US'), x(value), bottom + 10, { color: theme.muted, font: tickFont(theme), align: 'center' });
  drawText(surface, axis, (edge.left + right) / 2, height - 10, { color: theme.muted, font: labelFont(theme), align: 'center' });
  for (const { look, x: places, y: values } of lines) {
    surface.beginPath();
    let drawing = false;
    places.forEach((place, index) => {
      const value = values[index];
      if (!drawable(value)) return; // a gap is spanned
      if (drawing) surface.lineTo(x(place), y(value));
      else surface.moveTo(x(place), y(value));
      drawing = true;
    });
    surface.lineJoin = 'round';
    surface.strokeStyle = look.color;
    surface.lineWidth = 2;
    surface.setLineDash([...look.dash]);
    surface.stroke();
    surface.setLineDash([]);
  }
}

/** Whole decades on a log scale; a little room on a linear one. */
function rangeOf(values: readonly number[], scale: 'linear' | 'log'): [number, number] {
  const [low, high] = values.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
  if (!Number.isFinite(low) || !Number.isFinite(high)) return scale === 'log' ? [0.1, 10] : [0, 1];
  if (scale === 'log') return [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(high) - 1e-9)];
  const room = 0.05 * (high - low) || 0.1;
  return [low - room, high + room];
}

/** Powers of ten, few enough to be read. */
function decadesBetween(low: number, high: number): number[] {
  const top = Math.round(Math.log10(high));
  const bottom = Math.round(Math.log10(low));
  const stride = Math.max(1, Math.ceil((top - bottom) / 8));
  return Array.from({ length: Math.floor((top - bottom) / stride) + 1 }, (_, i) => 10 ** (top - i * stride)).reverse();
}
