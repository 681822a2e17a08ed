import { scaleLinear, scaleLog } from 'd3-scale';
import type { Evaluation, RunMetrics } from '../../src/shared/run';
import { formatCount } from '../format';
import { mix, type Theme } from '../theme';
import { element } from '../ui/dom';
import { labelFont, strongFont, tickFont } from './axisDrawing';
import { drawRule, drawText } from './drawing';
import { reduceCurve, type Curve } from './lossModel';
import type { Plot } from './plot';
import { powerOfTen } from './scales';
import { shareBars } from './shareBars';
import type { Surface } from './surface';

/** One curve over training steps. */
export interface CurveLine {
  readonly values: Float64Array;
  readonly color: string;
  /** `range` draws the smallest and largest value of the steps that share a pixel beneath the moving average, `line` the average alone. */
  readonly look: 'range' | 'line';
}

/** What curves over training steps are drawn from. */
export interface CurveInput {
  readonly theme: Theme;
  readonly width: number;
  readonly height: number;
  readonly step: Float64Array;
  readonly lines: readonly CurveLine[];
  /** Shares of steps that are flagged, as bars beneath the lines. */
  readonly bars?: { readonly flags: Uint8Array; readonly color: string };
  /** `share` runs from 0 to 100 %. */
  readonly scale: 'linear' | 'log' | 'share';
  /** Name and unit of what is shown, inside the plot. */
  readonly label?: string;
  /** Step of the weights that the other figures show. */
  readonly marked?: number;
  readonly evaluations?: readonly Evaluation[];
  readonly references?: RunMetrics['references'];
  readonly limit?: { readonly label: string; readonly value: number };
}

/** Room for ticks, in CSS pixels. */
const edge = { left: 40, right: 10, top: 6, bottom: 20 };

interface Frame {
  readonly x: (step: number) => number;
  readonly y: (value: number) => number;
  readonly right: number;
  readonly bottom: number;
}

/** Curves over training steps on one vertical scale, with a crosshair of their own. */
export class CurvePlot {
  readonly element: HTMLElement;
  private readonly line = element('div', { class: 'curve-crosshair', attributes: { 'aria-hidden': 'true', hidden: '' } });
  private last = 1;
  private width = 1;

  constructor(
    private readonly plot: Plot,
    /** Called with the step under the pointer. */
    hovered: (step: number | undefined) => void,
  ) {
    this.element = element('div', { class: 'curve', children: [plot.element, this.line] });
    this.element.addEventListener('pointermove', ({ clientX }) => {
      hovered(this.stepAt(clientX - this.element.getBoundingClientRect().left));
    });
    this.element.addEventListener('pointerleave', () => hovered(undefined));
  }

  /** The training step at x, which may lie between two; undefined beside the plot. */
  stepAt(x: number): number | undefined {
    const share = (x - edge.left) / Math.max(1, this.width - edge.left - edge.right);
    return share < 0 || share > 1 ? undefined : share * this.last;
  }

  draw(input: CurveInput): void {
    const { width, height, step, lines } = input;
    this.width = width;
    this.last = Math.max(1, step.at(-1) ?? 1);
    const curves = lines.map(({ values }) => reduceCurve(step, values, Math.max(50, width - edge.left - edge.right)));
    const [low, high] = rangeOf(input, curves);
    const x = scaleLinear([0, this.last], [edge.left, width - edge.right]);
    const y = (input.scale === 'log' ? scaleLog : scaleLinear)([low, high], [height - edge.bottom, edge.top]);
    const frame: Frame = { x, y, right: width - edge.right, bottom: height - edge.bottom };
    const ticks = input.scale === 'log' ? logTicks(low, high) : input.scale === 'share' ? [0, 1] : y.ticks(Math.max(2, Math.floor((height - edge.top - edge.bottom) / 30)));
    const steps = x.ticks(Math.max(2, Math.floor((width - edge.left - edge.right) / 56))).filter(Number.isInteger);
    this.plot.draw(width, height, (surface) => {
      for (const value of ticks) {
        drawRule(surface, [edge.left, y(value)], [frame.right, y(value)], input.theme.grid);
        drawText(surface, tickText(value, input.scale), edge.left - 5, Math.max(edge.top + 4, y(value)), { color: input.theme.muted, font: tickFont(input.theme), align: 'right' });
      }
      drawText(surface, 'step', edge.left - 14, height - 9, { color: input.theme.muted, font: tickFont(input.theme), align: 'right' });
      for (const value of steps) drawText(surface, shortStep(value), Math.min(x(value), width - 12), height - 9, { color: input.theme.muted, font: tickFont(input.theme), align: 'center' });
      drawBars(surface, input, frame);
      curves.forEach((curve, index) => drawCurve(surface, input, curve, lines[index], frame));
      annotate(surface, input, frame, curves);
    });
  }

  /** Puts the crosshair on a step, or takes it away. */
  point(step: number | undefined): void {
    this.line.hidden = step === undefined;
    if (step !== undefined) this.line.style.setProperty('transform', `translateX(${edge.left + (step / this.last) * (this.width - edge.left - edge.right)}px)`);
  }
}

/** From just below the lowest number to just above the highest line that must be seen. */
function rangeOf({ scale, lines, evaluations, references, limit }: CurveInput, curves: readonly Curve[]): readonly [number, number] {
  if (scale === 'share') return [0, 1];
  const drawn = curves.flatMap((curve, index) => (lines[index]?.look === 'range' ? [...curve.minimum, ...curve.maximum] : [...curve.smooth]));
  const levels = [...(evaluations ?? []).map(({ validationLoss }) => validationLoss), ...(references ?? []).map(({ loss }) => loss), ...(limit ? [limit.value] : [])];
  const values = [...drawn, ...levels].filter((value) => Number.isFinite(value) && (scale !== 'log' || value > 0));
  if (values.length === 0) return scale === 'log' ? [0.1, 10] : [0, 1];
  const [bottom, top] = values.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
  if (scale === 'log') return [bottom / 1.4, top * 1.6];
  // A curve that never changes stands in the middle of a range with a meaning: from nothing to twice as much.
  if (top - bottom <= 1e-9 * Math.abs(top)) return bottom === 0 ? [0, 1] : bottom > 0 ? [0, 2 * top] : [2 * bottom, 0];
  const margin = 0.05 * (top - bottom);
  return [bottom >= 0 ? Math.max(0, bottom - margin) : bottom - margin, top + margin];
}

/** One bar for the steps that share it, from 0 up, with a gap to the next. */
function drawBars(surface: Surface, { theme, step, bars }: CurveInput, { x, y, bottom }: Frame): void {
  if (!bars) return;
  surface.fillStyle = mix(bars.color, theme.highContrast ? 85 : 65);
  for (const { first, last, share } of shareBars(bars.flags)) {
    const left = x(first === 0 ? 0 : (step[first - 1] ?? 0));
    const width = x(step[last] ?? 0) - left;
    surface.fillRect(left, y(share), Math.max(0.5, width - (width > 3 ? 1 : 0)), bottom - y(share));
  }
}

function drawCurve(surface: Surface, { theme, scale }: CurveInput, curve: Curve, line: CurveLine | undefined, { x, y }: Frame): void {
  if (!line) return;
  const drawable = (value: number | undefined): value is number => value !== undefined && Number.isFinite(value) && (scale !== 'log' || value > 0);
  if (line.look === 'range') {
    surface.fillStyle = mix(line.color, theme.highContrast ? 55 : 42);
    curve.step.forEach((step, index) => {
      const [least, most] = [curve.minimum[index], curve.maximum[index]];
      if (drawable(least) && drawable(most)) surface.fillRect(x(step) - 0.6, y(most), 1.3, Math.max(1, y(least) - y(most)));
    });
  }
  surface.beginPath();
  let drawing = false;
  curve.smooth.forEach((value, index) => {
    const at = [x(curve.step[index] ?? 0), drawable(value) ? y(value) : 0] as const;
    if (!drawable(value)) drawing = false;
    else if (drawing) surface.lineTo(...at);
    else surface.moveTo(...at);
    drawing = drawable(value);
  });
  surface.lineJoin = 'round';
  surface.strokeStyle = line.color;
  surface.lineWidth = 2;
  surface.stroke();
}

/** Reference lines, limit, evaluations, the marked step, and what they are called. */
function annotate(surface: Surface, { theme, label, references, limit, marked, evaluations }: CurveInput, { x, y, right, bottom }: Frame, curves: readonly Curve[]): void {
  const taken: number[] = [];
  const write = (text: string, level: number, color: string): void => {
    // Above its line, since curves fall below their references; below only at the very top, or where two would meet.
    const above = level > edge.top + 14 && taken.every((other) => Math.abs(other - (level - 8)) > 12);
    const at = above ? level - 8 : level + 9;
    taken.push(at);
    drawText(surface, text, right - 2, at, { color, font: labelFont(theme), align: 'right', halo: theme.background });
  };
  for (const { label: name, loss } of references ?? []) {
    drawRule(surface, [edge.left, y(loss)], [right, y(loss)], theme.foreground, { dash: [5, 4] });
    write(`${name}${name.includes('=') ? '' : ` = ${loss.toFixed(2)}`}`, y(loss), theme.muted);
  }
  if (limit) {
    drawRule(surface, [edge.left, y(limit.value)], [right, y(limit.value)], theme.limit, { dash: [6, 4] });
    write(limit.label, y(limit.value), theme.limit);
  }
  if (marked !== undefined) drawRule(surface, [x(marked), edge.top], [x(marked), bottom], theme.focus, { width: 1.5 });
  for (const { step, validationLoss } of evaluations ?? []) {
    surface.beginPath();
    surface.arc(x(step), y(validationLoss), 3.2, 0, 2 * Math.PI);
    surface.fillStyle = theme.background;
    surface.fill();
    surface.strokeStyle = theme.foreground;
    surface.lineWidth = 1.5;
    surface.stroke();
  }
  const newest = evaluations?.at(-1);
  if (newest) {
    const style = { color: theme.foreground, font: strongFont(theme), align: 'center' as const, halo: theme.background };
    const text = `val ${newest.validationLoss.toFixed(3)}`;
    surface.font = style.font;
    const half = surface.measureText(text).width / 2;
    const centre = Math.min(Math.max(x(newest.step), edge.left + 4 + half), right - half);
    const beneath = (at: number): boolean => curves.some((curve) => curve.step.some((step, index) => Math.abs(x(step) - centre) < half && Math.abs(y(curve.smooth[index] ?? Number.NaN) - at) < 9));
    const level = y(newest.validationLoss);
    const places = [level - 13, level + 13, level - 24, level - 36].filter((at) => at > edge.top + 4 && at < bottom - 4 && taken.every((other) => Math.abs(other - at) > 12));
    drawText(surface, text, centre, places.find((at) => !beneath(at)) ?? places[0] ?? level - 13, style);
  }
  if (label !== undefined) drawText(surface, label, edge.left + 4, edge.top + 5, { color: theme.muted, font: labelFont(theme), halo: theme.background });
}

/** Ticks at decades, with 2 and 5 between them where there are fewer than three. */
function logTicks(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const exponents = Array.from({ length: Math.ceil(Math.log10(high)) - first + 1 }, (_, index) => first + index);
  const inside = (value: number): boolean => value >= low && value <= high;
  const decades = exponents.map((exponent) => 10 ** exponent).filter(inside);
  return decades.length >= 3 ? decades : exponents.flatMap((exponent) => [1, 2, 5].map((digit) => digit * 10 ** exponent)).filter(inside);
}

function tickText(value: number, scale: CurveInput['scale']): string {
  if (scale === 'share') return value === 0 ? '0' : `${100 * value} %`;
  if (scale === 'log') return value >= 0.01 && value < 1e4 ? String(Number(value.toPrecision(1))) : powerOfTen(Math.round(Math.log10(value)));
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(0).replace('e-', '·10⁻').replace(/⁻(\d)$/, (_, digit: string) => `⁻${'⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)] ?? digit}`);
  return Math.abs(value) >= 1000 ? shortStep(value) : String(Number(value.toFixed(3)));
}

function shortStep(step: number): string {
  if (step >= 1e6) return `${Number((step / 1e6).toFixed(2))}M`;
  return step >= 1000 && step % 100 === 0 ? `${step / 1000}k` : formatCount(step);
}
