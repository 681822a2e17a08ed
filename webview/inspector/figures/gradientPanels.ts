import type { BatchTrace } from '../batches';
import type { Spread } from '../layerTrace';
import type { Scene } from '../scene';
import { formatFixed, formatNumber } from '../../format';
import { drawVerticalScale, labelFont, strongFont } from '../../plots/axisDrawing';
import { drawRule, drawText, drawVerticalText, type Box } from '../../plots/drawing';
import { stepAtLag } from '../../../src/shared/flow';
import { fitDecay } from '../../plots/gradientModel';
import { byLag, largestOf, type Numbers } from '../../plots/numbers';
import { clipToPlot, drawArea, drawLine } from '../../plots/ribbon';
import { gradientDecades, placesOf } from '../../plots/scales';
import type { Surface } from '../../plots/surface';
import { columnCentre, plotRight } from '../../plots/timeAxis';
import { stepsToLastLoss } from '../../plots/tokenModel';
import { mix, type Theme } from '../../theme';
import { answerWords } from './answerWords';

/** Where a plot stands in the canvas. */
export interface Panel {
  readonly top: number;
  readonly height: number;
}

/** A gradient's norm over time: its name in the trace, and how its line looks. */
export interface GradientCurve {
  readonly name: string;
  readonly label: string;
  readonly of: 'hidden' | 'cell';
  readonly look: 'solid' | 'dashed';
}

/** Total and partial gradients of both states. */
export const gradientCurves: readonly GradientCurve[] = [
  { name: 'grad.h', label: '‖∂L/∂h‖', of: 'hidden', look: 'solid' },
  { name: 'grad.h.partial', label: '‖∂L/∂h‖ partial', of: 'hidden', look: 'dashed' },
  { name: 'grad.c', label: '‖∂L/∂c‖', of: 'cell', look: 'solid' },
  { name: 'grad.c.partial', label: '‖∂L/∂c‖ partial', of: 'cell', look: 'dashed' },
];

/** What a panel draws besides its scale. */
export interface GradientLines {
  readonly lines: readonly { readonly curve: GradientCurve; readonly norms: Numbers }[];
  /** Over the sequences of the batch, with its median as a line unless that is among the lines. */
  readonly ribbon?: { readonly curve: GradientCurve; readonly spread: Spread; readonly median: 'drawn' | 'left-out' };
}

/** Fills of a ribbon: of all sequences, and of the middle 80 %. */
export function ribbonFills(theme: Theme, of: GradientCurve['of']): readonly [outer: string, inner: string] {
  const color = of === 'hidden' ? theme.hidden : theme.cell;
  return theme.highContrast ? [mix(color, 25), mix(color, 40)] : [mix(color, 16), mix(color, 26)];
}

/** 2⁻²⁴: what is smaller by this factor changes nothing when float32 adds it. */
const float32Floor = 2 ** -24;

const floorTexts = ['float32: below 2⁻²⁴ of the largest term, adding it changes nothing', 'float32: adding what is below changes nothing', 'float32 floor'];

/** Gradients of the mean loss of all tokens, with the clip threshold. */
export function drawAll(surface: Surface, scene: Scene, panel: Panel, shown: GradientLines): void {
  const { axis, summary, theme, clip, layer } = scene;
  drawPanel(surface, scene, panel, summary.answer === 'next' ? 'all tokens' : 'all losses');
  const y = vertical(panel);
  const steps = layer.reading === 'forward' && layer.reached === 'later' ? stepsToLastLoss(summary.losses) : undefined;
  const largest = drawLines(surface, scene, panel, shown, steps);
  if (clip?.kind === 'norm') {
    const at = y(clip.threshold);
    drawRule(surface, [axis.gutter, at], [plotRight(axis), at], theme.limit, { dash: [6, 4] });
    drawText(surface, `clip ${clip.threshold} (acts on ‖∇θ‖${clip.threshold > 1 ? ', above this scale' : ''})`, axis.gutter + 4, at + 9, { color: theme.limit, font: labelFont(theme), halo: theme.background });
  }
  warnAboveScale(surface, scene, largest, plotRight(axis) - 6, panel.top + 10, 'right');
}

/** Draws a ribbon beneath lines, up to a step; gives the largest number of the solid ones. */
function drawLines(surface: Surface, { axis, theme }: Scene, panel: Panel, { lines, ribbon }: GradientLines, steps: number | undefined): number {
  const y = vertical(panel);
  const atPlace = (place: number): number => panel.top + (1 - place) * panel.height;
  let largest = 0;
  clipToPlot(surface, axis, panel.top - 2, panel.height + 4, () => {
    if (ribbon) {
      const { minimum, low, median, high, maximum } = ribbon.spread;
      const places = (norms: Numbers): Float64Array => placesOf(norms, gradientDecades).subarray(0, steps);
      const [outer, inner] = ribbonFills(theme, ribbon.curve.of);
      drawArea(surface, axis, places(minimum), places(maximum), atPlace, outer);
      drawArea(surface, axis, places(low), places(high), atPlace, inner);
      if (ribbon.median === 'drawn') drawLine(surface, axis, places(median), atPlace, { color: colorOf(theme, ribbon.curve), width: 1.5, dash: [1, 3] });
    }
    for (const { curve, norms } of [...lines].reverse()) {
      const shown = norms.subarray(0, steps);
      if (curve.look === 'solid') largest = Math.max(largest, largestOf(shown));
      drawLine(surface, axis, shown, y, curve.look === 'solid' ? { color: colorOf(theme, curve), width: 1.9 } : { color: colorOf(theme, curve), width: 1.4, dash: [4, 3] });
    }
  });
  return largest;
}

function colorOf(theme: Theme, { of }: GradientCurve): string {
  return of === 'hidden' ? theme.hidden : theme.cell;
}

/** What the panel of one loss draws. */
export interface OneLoss {
  /** ‖∂ℓₜ/∂hₖ‖ over k of this text. */
  readonly row: Numbers | undefined;
  /** The same over the sequences of the batch, whose median takes the row's place where it is chosen. */
  readonly batch: { readonly trace: BatchTrace; readonly curve: GradientCurve; readonly spread: Spread } | undefined;
  readonly line: 'text' | 'median';
}

/** The gradient of the pinned loss alone, with its slope and float32's floor. */
export function drawOne(surface: Surface, scene: Scene, panel: Panel, { row: own, batch, line }: OneLoss): void {
  const { theme, axis, layer, pinned } = scene;
  const words = answerWords(scene);
  drawPanel(surface, scene, panel, words.pinned?.only ?? 'one loss');
  if (pinned === undefined) {
    const middle = (axis.gutter + plotRight(axis)) / 2;
    return drawText(surface, 'click a token, or press Enter on a figure, to see the gradient of its loss alone', middle, panel.top + panel.height / 2, { color: theme.muted, font: labelFont(theme), align: 'center' });
  }
  const row = line === 'median' ? (batch?.spread.median ?? own) : own;
  if (!row) return sayComing(surface, scene, panel);
  const curve: GradientCurve = { ...(batch && line === 'median' ? batch.curve : totalHidden), look: 'solid' };
  // A source lies on an axis of its own: no step of it is so many steps from a loss of the target.
  const lags = layer.reached === 'later' ? byLag(row, pinned, layer.reading) : undefined;
  const reached = lags ? new Float64Array(row.length).fill(Number.NaN) : Float64Array.from(row);
  lags?.forEach((norm, lag) => (reached[stepAtLag(pinned, lag, layer.reading)] = norm));
  const largest = largestOf(reached);
  const spread = batch && reachedSpread(scene, batch.spread, pinned);
  const taken = drawFloor(surface, scene, panel, [reached, ...(spread ? [spread.minimum] : [])], largest * float32Floor);
  drawLines(surface, scene, panel, { lines: [{ curve, norms: reached }], ...(batch && spread ? { ribbon: { curve: batch.curve, spread, median: line === 'median' ? 'left-out' : 'drawn' } } : {}) }, undefined);
  if (lags) drawSlope(surface, scene, panel, { lags, pinned, batch: batch && line === 'text' ? byLag(batch.spread.median, pinned, layer.reading) : undefined, drawn: [reached, ...(spread ? [spread.minimum, spread.maximum] : [])], taken });
  const column = words.pinned?.column;
  if (column !== undefined && column >= axis.first && column < axis.first + axis.count) {
    drawRule(surface, [columnCentre(axis, column), panel.top - 8], [columnCentre(axis, column), panel.top + panel.height], theme.focus, { dash: [3, 3], width: 1.5 });
  }
  const name = line === 'median' && batch ? `‖∂ℓ/∂${curve.of === 'hidden' ? 'h' : 'c'}ₖ‖, ℓ = the loss of step ${pinned}, median of ${batch.trace.sequences}` : `‖∂ℓ/∂hₖ‖, ℓ = ${words.pinned?.whose ?? ''}`;
  drawText(surface, name, axis.gutter + 4, panel.top + 2, { color: theme.foreground, font: labelFont(theme), halo: theme.background });
  warnAboveScale(surface, scene, largest, axis.gutter + 4, panel.top + 17, 'left');
}

/** The line below which float32 loses what it adds; gives the room of its label. */
function drawFloor(surface: Surface, { theme, axis }: Scene, panel: Panel, drawn: readonly Numbers[], floor: number): Box | undefined {
  const y = vertical(panel);
  if (!(floor >= 1e-8 && floor < 1)) return undefined;
  drawRule(surface, [axis.gutter, y(floor)], [plotRight(axis), y(floor)], theme.limit, { dash: [2, 3] });
  // The label ends where what is drawn dips below the line.
  const crossing = Math.max(axis.first, ...drawn.map((row) => lastBelow(row, floor) + 1));
  const room = plotRight(axis) - 30 - columnCentre(axis, crossing);
  surface.font = labelFont(theme);
  const text = floorTexts.find((words) => surface.measureText(words).width <= room) ?? 'float32';
  const below = panel.top + panel.height - y(floor) >= 14;
  const [right, middle] = [plotRight(axis) - 6 - Math.min(16, axis.cell), y(floor) + (below ? 8 : -8)];
  drawText(surface, text, right, middle, { color: theme.limit, font: labelFont(theme), align: 'right', halo: theme.background });
  const width = surface.measureText(text).width;
  return { x: right - width, y: middle - 8, width, height: 16 };
}

/** What the slope is of, and what its words must leave free. */
interface Slope {
  readonly lags: Float64Array;
  readonly pinned: number;
  readonly batch: Float64Array | undefined;
  readonly drawn: readonly Numbers[];
  readonly taken: Box | undefined;
}

/** The line fitted to the decay, with its slope in words where no curve runs. */
function drawSlope(surface: Surface, { theme, axis, layer }: Scene, panel: Panel, { lags, pinned, batch, drawn, taken }: Slope): void {
  const decay = fitDecay(lags);
  if (!decay) return;
  // Not the scale itself, which stops at its ends: a line that did would bend.
  const [bottom, top] = [vertical(panel)(1e-8), vertical(panel)(1)];
  const height = (lag: number): number => top - ((decay.intercept + decay.decadesPerStep * lag) / 8) * (bottom - top);
  const x = (lag: number): number => columnCentre(axis, stepAtLag(pinned, lag, layer.reading));
  clipToPlot(surface, axis, panel.top, panel.height, () => drawRule(surface, [x(decay.firstLag), height(decay.firstLag)], [x(decay.lastLag), height(decay.lastLag)], theme.foreground, { dash: [2, 2], width: 1.5 }));
  const over = batch && fitDecay(batch);
  const slope = `${slopeText(decay.decadesPerStep)} decades per step back`;
  const lagsSaid = `lag ${decay.firstLag}–${decay.lastLag}`;
  const style = { color: theme.foreground, font: strongFont(theme), halo: theme.background };
  surface.font = style.font;
  const wanted = x(Math.min((decay.firstLag + decay.lastLag) / 2, decay.firstLag + 14));
  // What has no free place is said in fewer words.
  for (const text of [...(over ? [`${slope} (${lagsSaid}; median of the batch ${slopeText(over.decadesPerStep)})`] : []), `${slope} (${lagsSaid})`, slope]) {
    const place = freePlace(axis, panel, { curves: drawn, taken }, surface.measureText(text).width, wanted);
    if (place) return drawText(surface, text, place.x, place.y, style);
  }
  drawText(surface, slope, axis.gutter + 4, panel.top + 32, style);
}

/** Where a label of this width crosses no curve: above them if it can, else beneath, as near to `wanted` as possible; undefined without such a place. */
function freePlace(axis: Scene['axis'], panel: Panel, { curves, taken }: { readonly curves: readonly Numbers[]; readonly taken: Box | undefined }, width: number, wanted: number): { readonly x: number; readonly y: number } | undefined {
  const y = vertical(panel);
  const [clear, line] = [12, 32];
  if (width > plotRight(axis) - axis.gutter - 8) return undefined;
  const starts = Array.from({ length: 24 }, (_, index) => axis.gutter + 4 + (index / 23) * Math.max(0, plotRight(axis) - axis.gutter - width - 8 - Math.min(16, axis.cell)));
  const places = starts.flatMap((x) => {
    const under = curves.flatMap((curve) => heights(axis, curve, x, x + width)).map(y);
    if (under.length === 0) return [];
    const [top, bottom] = [Math.min(...under) - clear, Math.max(...under) + clear];
    // The upper left corner has the plot's name.
    return [
      ...(top >= panel.top + (x < axis.gutter + 240 ? line : 6) ? [{ x, y: top, cost: 0 }] : []),
      ...(bottom <= panel.top + panel.height - 18 ? [{ x, y: bottom, cost: 40 }] : []),
    ];
  });
  const distance = (place: { readonly x: number; readonly cost: number }): number => place.cost + Math.abs(place.x + width / 2 - wanted);
  const free = places.filter(({ x, y: middle }) => !taken || x > taken.x + taken.width || x + width < taken.x || Math.abs(middle - (taken.y + taken.height / 2)) >= taken.height);
  return free.sort((a, b) => distance(a) - distance(b))[0];
}

/** Numbers of the columns between two places. */
function heights(axis: Scene['axis'], curve: Numbers, from: number, to: number): number[] {
  const first = axis.first + Math.floor((from - axis.gutter) / axis.cell) - 1;
  const last = axis.first + Math.ceil((to - axis.gutter) / axis.cell) + 1;
  return Array.from(curve.slice(Math.max(0, first), last + 1)).filter((value) => value > 0);
}

function sayComing(surface: Surface, { asked, axis, theme }: Scene, panel: Panel): void {
  if (asked.flow === 'with-flow') return;
  drawText(surface, 'the gradient of one loss is on its way', (axis.gutter + plotRight(axis)) / 2, panel.top + panel.height / 2, { color: theme.muted, font: labelFont(theme), align: 'center' });
}

const totalHidden: GradientCurve = { name: 'grad.h', label: '‖∂ℓ/∂h‖', of: 'hidden', look: 'solid' };

function slopeText(decadesPerStep: number): string {
  return `${decadesPerStep > 0 ? '+' : ''}${formatFixed(decadesPerStep, 3)}`;
}

const reachedSpreads = new WeakMap<Spread, { readonly pinned: number; readonly spread: Spread }>();

/** A spread without the steps that the pinned loss cannot reach: their zeros are no gradients that vanished. */
function reachedSpread({ layer }: Scene, spread: Spread, pinned: number): Spread {
  const had = reachedSpreads.get(spread);
  if (had?.pinned === pinned) return had.spread;
  const reached = (norms: Numbers): Float64Array => Float64Array.from(norms, (norm, k) => (layer.reaches(pinned, k) === 'yes' ? norm : Number.NaN));
  const { minimum, low, median, high, maximum } = spread;
  const made = { ...spread, minimum: reached(minimum), low: reached(low), median: reached(median), high: reached(high), maximum: reached(maximum) };
  reachedSpreads.set(spread, { pinned, spread: made });
  return made;
}

function vertical(panel: Panel): (value: number) => number {
  return (value) => panel.top + (1 - gradientDecades.place(value)) * panel.height;
}

function drawPanel(surface: Surface, scene: Scene, panel: Panel, label: string): void {
  const { theme, axis, narrow } = scene;
  drawVerticalScale(surface, theme, axis, gradientDecades, panel.top, panel.height);
  drawVerticalText(surface, label, narrow === 'narrow' ? 6 : 18, panel.top + panel.height / 2, { color: theme.foreground, font: labelFont(theme) });
}

/** The scale is absolute: what lies above it is said in words instead of moving the scale. */
function warnAboveScale(surface: Surface, { theme }: Scene, largest: number, x: number, y: number, align: 'left' | 'right'): void {
  if (!(largest > 1)) return;
  drawText(surface, `above the scale: up to ${formatNumber(largest)}`, x, y, { color: theme.muted, font: labelFont(theme), align, halo: theme.background });
}

/** Index of the last entry below a limit; −1 without one. */
function lastBelow(values: ArrayLike<number>, limit: number): number {
  for (let index = values.length - 1; index >= 0; index--) if ((values[index] ?? limit) < limit) return index;
  return -1;
}
