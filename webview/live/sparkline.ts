import { max, min, quantileSorted } from 'd3-array';
import { tickFont } from '../plots/axisDrawing';
import { drawRule, drawText } from '../plots/drawing';
import { nearestIndex, reduceCurve } from '../plots/lossModel';
import type { Surface } from '../plots/surface';
import { mix, type Theme } from '../theme';

/** A small curve over the whole of a training, of which the future is still empty. */
export interface Sparkline {
  readonly theme: Theme;
  readonly width: number;
  readonly height: number;
  /** Updates of the whole training: the right edge. */
  readonly steps: number;
  readonly step: Float64Array;
  readonly values: Float64Array;
  readonly scale: 'linear' | 'log';
  /** A level with a name: what is known without the model, or a limit. */
  readonly level?: { readonly label: string; readonly value: number; readonly kind: 'reference' | 'limit' };
}

const margin = 5;
/** Room for the name of a level that lies above everything. */
const labelRoom = 14;

/** Entry of the curve nearest to a pixel; undefined right of what has been trained, and without any. */
export function entryAt({ width, steps, step }: Pick<Sparkline, 'width' | 'steps' | 'step'>, x: number): number | undefined {
  const at = (x / (width - margin)) * Math.max(1, steps);
  return step.length === 0 || at > (step.at(-1) ?? 0) + steps / 50 ? undefined : nearestIndex(step, at);
}

/** Draws the range of the values that share a pixel, their moving average with a dot at its end, and the level. */
export function drawSparkline(context: Surface, { theme, width, height, steps, step, values, scale, level }: Sparkline): void {
  const curve = reduceCurve(step, values, Math.max(20, width));
  const [low, high] = range(values, scale, level?.value);
  const level01 = (value: number): number => (scale === 'log' ? (Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low)) : (value - low) / (high - low));
  const x = (at: number): number => (at / Math.max(1, steps)) * (width - margin);
  const top = level ? labelRoom : margin;
  const y = (value: number): number => top + (1 - Math.min(1, Math.max(0, level01(value)))) * (height - top - margin);

  drawRule(context, [0, height - 1], [width, height - 1], theme.frame);
  context.fillStyle = mix(theme.hidden, theme.highContrast ? 60 : 40);
  curve.step.forEach((at, i) => {
    const most = y(curve.maximum[i] ?? Number.NaN);
    const least = y(curve.minimum[i] ?? Number.NaN);
    if (Number.isFinite(most) && Number.isFinite(least)) context.fillRect(x(at) - 0.5, most, 1.2, Math.max(1, least - most));
  });
  context.strokeStyle = theme.hidden;
  context.lineWidth = 1.75;
  context.beginPath();
  curve.smooth.forEach((value, i) => {
    if (Number.isFinite(value)) context.lineTo(x(curve.step[i] ?? 0), y(value));
  });
  context.stroke();
  const last = curve.smooth.at(-1);
  if (last !== undefined && Number.isFinite(last)) {
    context.fillStyle = theme.hidden;
    context.beginPath();
    context.arc(x(curve.step.at(-1) ?? 0), y(last), 3, 0, 2 * Math.PI);
    context.fill();
  }
  if (level) {
    const color = level.kind === 'limit' ? theme.limit : theme.muted;
    const at = y(level.value);
    drawRule(context, [0, at], [width, at], color, { dash: [5, 4] });
    context.font = tickFont(theme);
    // Without room for its words a level keeps its number.
    const label = context.measureText(level.label).width <= width ? level.label : (level.label.split(' ').at(-1) ?? '');
    const left = width - context.measureText(label).width;
    // On the side of its line where less of the curve runs through the label.
    const crossed = (from: number): number => curve.smooth.filter((value, i) => x(curve.step[i] ?? 0) >= left && y(value) > from && y(value) < from + labelRoom).length;
    const above = crossed(at - labelRoom) <= crossed(at) || at + labelRoom > height;
    drawText(context, label, width, above ? at - 7 : at + 8, { color, font: tickFont(theme), align: 'right', halo: theme.background });
  }
}

/** What the vertical axis spans: all but the wildest hundredth of the values, and the level. */
function range(values: Float64Array, scale: 'linear' | 'log', level: number | undefined): [number, number] {
  const known = Array.from(values.filter((value) => Number.isFinite(value) && (scale === 'linear' || value > 0)).sort());
  const ends = [min(known), quantileSorted(known, known.length > 200 ? 0.998 : 1), level].filter((value) => value !== undefined && (scale === 'linear' || value > 0)) as number[];
  const [low = 0, high = 1] = [min(ends), max(ends)];
  if (scale === 'log') return low < high ? [low / 1.2, high * 1.2] : [low / 2, low * 2];
  const room = (high - low || Math.abs(high) || 1) * 0.04;
  return [low - room, high + room];
}
