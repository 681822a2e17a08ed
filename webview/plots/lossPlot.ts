import uPlot from 'uplot';
import type { Evaluation, RunMetrics } from '../../src/shared/run';
import { formatCount } from '../format';
import { mix, type Theme } from '../theme';
import { drawRule, drawText } from './canvas';
import { labelFont, strongFont, tickFont } from './axisDrawing';
import { reduceCurve } from './lossModel';
import { powerOfTen } from './scales';

/** What a curve over training steps is drawn from. */
export interface CurveInput {
  readonly theme: Theme;
  readonly width: number;
  readonly height: number;
  readonly step: Float64Array;
  readonly values: Float64Array;
  readonly color: string;
  readonly scale: 'linear' | 'log';
  /** Step of the weights that the other figures show. */
  readonly marked?: number;
  readonly evaluations?: readonly Evaluation[];
  readonly references?: RunMetrics['references'];
  readonly limit?: { readonly label: string; readonly value: number };
}

/** A curve over training steps: the range of steps that share a pixel, and their moving average. */
export class CurvePlot {
  private plot?: uPlot;
  private input?: CurveInput;

  constructor(
    private readonly host: HTMLElement,
    /** Called with the step under the pointer. */
    private readonly hovered: (step: number | undefined) => void,
  ) {}

  draw(input: CurveInput): void {
    const before = this.input;
    this.input = input;
    const curve = reduceCurve(input.step, input.values, Math.max(50, input.width - 80));
    const data: uPlot.AlignedData = [curve.step, curve.minimum, curve.maximum, curve.smooth];
    const same = before && this.plot && before.theme === input.theme && before.scale === input.scale && before.color === input.color;
    if (this.plot && same) {
      if (before.width !== input.width || before.height !== input.height) this.plot.setSize({ width: input.width, height: input.height });
      this.plot.setData(data);
    } else {
      this.plot?.destroy();
      this.plot = new uPlot(this.options(input), data, this.host);
      this.plot.root.querySelectorAll('canvas').forEach((canvas) => canvas.setAttribute('aria-hidden', 'true'));
    }
  }

  /** Puts the plot's own crosshair on a step. */
  point(step: number | undefined): void {
    this.plot?.setCursor(step === undefined ? { left: -10, top: -10 } : { left: this.plot.valToPos(step, 'x'), top: 0 }, false);
  }

  private options(input: CurveInput): uPlot.Options {
    const { theme, color } = input;
    const axis = { stroke: theme.muted, font: tickFont(theme), grid: { stroke: theme.grid, width: 1 }, ticks: { show: false } };
    const hidden = { stroke: 'transparent', width: 0, points: { show: false } };
    return {
      width: input.width,
      height: input.height,
      pxAlign: 1,
      legend: { show: false },
      padding: [6, 10, 0, 0],
      cursor: { y: false, drag: { x: false, y: false, setScale: false }, points: { show: false } },
      scales: {
        x: { time: false, range: (_, low, high) => [Math.min(low, 0), Math.max(high, 1)] },
        y: input.scale === 'log' ? { distr: 3, log: 10, range: (_, low, high) => this.logRange(low, high) } : { range: (_, low, high) => this.linearRange(low, high) },
      },
      axes: [
        { ...axis, size: 22, gap: 4, space: 44, grid: { show: false }, values: (_, splits) => splits.map(shortStep) },
        { ...axis, size: 40, gap: 5, ...(input.scale === 'log' ? logAxis : { space: 28, values: (_, splits) => splits.map(trimmed) }) },
      ],
      series: [
        {},
        { ...hidden, stroke: mix(color, 45), width: 1 },
        { ...hidden, stroke: mix(color, 45), width: 1 },
        { stroke: color, width: 2, points: { show: false } },
      ],
      bands: [{ series: [2, 1], fill: mix(color, theme.highContrast ? 45 : 32) }],
      hooks: {
        draw: [(plot) => this.annotate(plot)],
        setCursor: [(plot) => this.hovered((plot.cursor.left ?? -1) < 0 ? undefined : plot.posToVal(plot.cursor.left ?? 0, 'x'))],
      },
    };
  }

  /** From just below the lowest number to just above the highest line that must be seen. */
  private linearRange(low: number | null, high: number | null): [number, number] {
    const lines = [...(this.input?.references ?? []).map(({ loss }) => loss), ...(this.input?.evaluations ?? []).map(({ validationLoss }) => validationLoss)].filter(Number.isFinite);
    const bottom = Math.min(low ?? Infinity, ...lines);
    const top = Math.max(high ?? -Infinity, ...lines);
    if (!Number.isFinite(bottom) || !Number.isFinite(top)) return [0, 1];
    const margin = Math.max(0.05 * (top - bottom), 1e-3);
    return [Math.max(0, bottom - margin), top + margin];
  }

  private logRange(low: number | null, high: number | null): [number, number] {
    const values = [low, high, this.input?.limit?.value].filter((value) => typeof value === 'number' && value > 0).map(Number);
    if (values.length === 0) return [0.1, 10];
    return [Math.min(...values) / 1.4, Math.max(...values) * 1.6];
  }

  private annotate(plot: uPlot): void {
    const input = this.input;
    if (!input) return;
    const { theme } = input;
    const ratio = uPlot.pxRatio;
    const context = plot.ctx;
    context.save();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const left = plot.bbox.left / ratio;
    const right = left + plot.bbox.width / ratio;
    const top = plot.bbox.top / ratio;
    const bottom = top + plot.bbox.height / ratio;
    const x = (step: number): number => plot.valToPos(step, 'x', true) / ratio;
    const y = (value: number): number => plot.valToPos(value, 'y', true) / ratio;
    for (const { label, loss } of input.references ?? []) {
      drawRule(context, [left, y(loss)], [right, y(loss)], theme.foreground, { dash: [5, 4] });
      drawText(context, `${label}${label.includes('=') ? '' : ` = ${loss.toFixed(2)}`}`, right - 2, besideRule(y(loss), top), { color: theme.muted, font: labelFont(theme), align: 'right', halo: theme.background });
    }
    if (input.limit) {
      const at = y(input.limit.value);
      drawRule(context, [left, at], [right, at], theme.limit, { dash: [6, 4] });
      drawText(context, input.limit.label, right - 2, besideRule(at, top), { color: theme.limit, font: labelFont(theme), align: 'right', halo: theme.background });
    }
    if (input.marked !== undefined && x(input.marked) >= left && x(input.marked) <= right) {
      drawRule(context, [x(input.marked), top], [x(input.marked), bottom], theme.focus, { width: 1.5 });
    }
    const labelled = (input.references ?? []).map(({ loss }) => besideRule(y(loss), top));
    this.drawEvaluations(context, input, x, y, labelled);
    context.restore();
  }

  /** Circles, and the newest loss in words: above its circle, or below where a reference's label (at the heights `labelled`) stands there. */
  private drawEvaluations(context: CanvasRenderingContext2D, input: CurveInput, x: (step: number) => number, y: (loss: number) => number, labelled: readonly number[]): void {
    const { theme } = input;
    const evaluations = (input.evaluations ?? []).filter(({ validationLoss }) => Number.isFinite(validationLoss));
    for (const { step, validationLoss } of evaluations) {
      context.beginPath();
      context.arc(x(step), y(validationLoss), 3.2, 0, 2 * Math.PI);
      context.fillStyle = theme.background;
      context.fill();
      context.strokeStyle = theme.foreground;
      context.lineWidth = 1.5;
      context.stroke();
    }
    const last = evaluations.at(-1);
    if (!last) return;
    const text = `val ${last.validationLoss.toFixed(3)}`;
    context.font = strongFont(theme);
    const half = context.measureText(text).width / 2;
    const right = input.width - 10;
    const above = y(last.validationLoss) - 13;
    const free = labelled.every((taken) => Math.abs(taken - above) > 13);
    drawText(context, text, Math.min(Math.max(x(last.step), 44 + half), right - half), free ? above : y(last.validationLoss) + 13, { color: theme.foreground, font: strongFont(theme), align: 'center', halo: theme.background });
  }
}

/** Where a line's label stands: above it, since curves fall below their references; below only at the very top. */
function besideRule(at: number, top: number): number {
  return at > top + 18 ? at - 8 : at + 9;
}

function shortStep(step: number): string {
  return step >= 1000 && step % 100 === 0 ? `${step / 1000}k` : Number.isInteger(step) ? formatCount(step) : '';
}

/** Ticks at decades, with 2 and 5 between them where there are fewer than two. */
const logAxis: Pick<uPlot.Axis, 'splits' | 'values' | 'filter'> = {
  filter: (_, splits) => splits,
  splits: (_, __, low, high) => {
    const exponents = Array.from({ length: Math.ceil(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 }, (___, index) => Math.floor(Math.log10(low)) + index);
    const inside = (value: number): boolean => value >= low && value <= high;
    const decades = exponents.map((exponent) => 10 ** exponent).filter(inside);
    return decades.length >= 3 ? decades : exponents.flatMap((exponent) => [1, 2, 5].map((digit) => digit * 10 ** exponent)).filter(inside);
  },
  values: (_, splits) => splits.map((value) => (value >= 0.01 && value < 1e4 ? String(Number(value.toPrecision(1))) : powerOfTen(Math.round(Math.log10(value))))),
};

function trimmed(value: number): string {
  return String(Number(value.toFixed(3)));
}
