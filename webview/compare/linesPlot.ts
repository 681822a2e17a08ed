import uPlot from 'uplot';
import { tickFont } from '../plots/axisDrawing';
import { powerOfTen } from '../plots/scales';
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

/** Several lines over one axis. */
export class LinesPlot {
  private plot?: uPlot;

  constructor(private readonly host: HTMLElement) {}

  draw(input: LinesInput): void {
    this.plot?.destroy();
    this.plot = new uPlot(options(input), aligned(input.lines, input.scale), this.host);
    this.plot.root.querySelectorAll('canvas').forEach((canvas) => canvas.setAttribute('aria-hidden', 'true'));
  }
}

function options({ theme, width, height, lines, scale, axis }: LinesInput): uPlot.Options {
  const shared = { stroke: theme.muted, font: tickFont(theme), grid: { stroke: theme.grid, width: 1 }, ticks: { show: false } };
  return {
    width,
    height,
    pxAlign: 1,
    legend: { show: false },
    padding: [8, 12, 0, 0],
    cursor: { show: false },
    scales: { x: { time: false }, y: scale === 'log' ? { distr: 3, log: 10, range: (_, low, high) => decades(low, high) } : {} },
    axes: [
      { ...shared, size: 22, gap: 4, space: 50, grid: { show: false }, label: axis, labelSize: 16, labelFont: tickFont(theme), labelGap: 0 },
      { ...shared, size: 46, gap: 5, space: scale === 'log' ? 18 : 28, ...(scale === 'log' ? { splits: (_: uPlot, __: number, low: number, high: number) => decadesBetween(low, high), filter: (_: uPlot, splits: number[]) => splits, values: (_: uPlot, splits: number[]) => splits.map(decade) } : {}) },
    ],
    series: [{}, ...lines.map(({ look }) => ({ stroke: look.color, width: 2, dash: [...look.dash], spanGaps: true, points: { show: false } }))],
  };
}

/** All lines over the union of their places. A log scale has no place for zero. */
function aligned(lines: readonly Line[], scale: 'linear' | 'log'): uPlot.AlignedData {
  const places = [...new Set(lines.flatMap(({ x }) => x))].sort((a, b) => a - b);
  const columns = lines.map(({ x, y }) => {
    const at = new Map(x.map((place, i) => [place, y[i] ?? null]));
    return places.map((place) => {
      const value = at.get(place) ?? null;
      return scale === 'log' && value !== null && value <= 0 ? null : value;
    });
  });
  return [places, ...columns];
}

function decades(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null || !(low > 0)) return [0.1, 10];
  return [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(high) - 1e-9)];
}

/** Powers of ten, few enough to be read. */
function decadesBetween(low: number, high: number): number[] {
  const top = Math.round(Math.log10(high));
  const bottom = Math.round(Math.log10(low));
  const stride = Math.max(1, Math.ceil((top - bottom) / 8));
  return Array.from({ length: Math.floor((top - bottom) / stride) + 1 }, (_, i) => 10 ** (top - i * stride)).reverse();
}

function decade(value: number): string {
  const exponent = Math.round(Math.log10(value));
  return exponent === 0 ? '1' : powerOfTen(exponent);
}
