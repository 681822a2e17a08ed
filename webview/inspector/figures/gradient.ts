import { formatFixed, formatNumber } from '../../format';
import { drawVerticalScale, labelFont, strongFont } from '../../plots/axisDrawing';
import { drawRule, drawText, drawVerticalText } from '../../plots/drawing';
import { stepAtLag } from '../../../src/shared/flow';
import { fitDecay } from '../../plots/gradientModel';
import { byLag, largestOf, type Numbers } from '../../plots/numbers';
import { clipToPlot, drawLine } from '../../plots/ribbon';
import { gradientDecades } from '../../plots/scales';
import type { Surface } from '../../plots/surface';
import { columnCentre, plotRight } from '../../plots/timeAxis';
import { stepsToLastLoss, visibleToken } from '../../plots/tokenModel';
import type { DataTable } from '../../ui/dataTable';
import { element } from '../../ui/dom';
import { FigureFrame } from '../../ui/figure';
import { lineKey } from '../../ui/legend';
import type { FigureHooks, Scene, TimeFigure } from '../scene';
import { answerWords } from './answerWords';

/** Where a plot stands in the canvas. */
interface Panel {
  readonly top: number;
  readonly height: number;
}

/** 2⁻²⁴: what is smaller by this factor changes nothing when float32 adds it. */
const float32Floor = 2 ** -24;

const floorTexts = ['float32: below 2⁻²⁴ of the largest term, adding it changes nothing', 'float32: adding what is below changes nothing', 'float32 floor'];

const curves = [
  { name: 'grad.h', label: '‖∂L/∂h‖', of: 'hidden', look: 'solid' },
  { name: 'grad.h.partial', label: '‖∂L/∂h‖ partial', of: 'hidden', look: 'dashed' },
  { name: 'grad.c', label: '‖∂L/∂c‖', of: 'cell', look: 'solid' },
  { name: 'grad.c.partial', label: '‖∂L/∂c‖ partial', of: 'cell', look: 'dashed' },
] as const;

/** How much the loss would change with each step's state: of all tokens, and of the pinned one alone. */
export class GradientFigure implements TimeFigure {
  readonly frame: FigureFrame;
  private readonly plot;
  private scene?: Scene;

  constructor(hooks: FigureHooks) {
    this.frame = new FigureFrame(
      {
        name: 'Gradient flow',
        howTo: [
          { lead: '', text: 'Each point is how much the loss would change if the hidden state h (blue) or the cell state c (yellow) at that step changed a little.' },
          { lead: 'Top:', text: 'mean loss of all tokens. Solid is the total gradient; dashed is the part that enters at this step only, from above. The gap between them is what the recurrence brings back from later steps.' },
          { lead: 'Bottom:', text: 'loss of the clicked token alone. A straight line falling away from it is vanishing (rising: exploding): each step back multiplies by the same Jacobian, so the norm falls by the same factor; its slope is decades per step. Points under the dotted line are lost when float32 adds them up.' },
        ],
      },
      { tables: () => this.tables(), changed: () => hooks.changed() },
    );
    this.plot = this.frame.plot();
    this.frame.body.append(element('div', { class: 'plot', children: [this.plot.element] }));
  }

  draw(scene: Scene): void {
    this.scene = scene;
    const { theme, axis, layer, pinned, narrow } = scene;
    const direction = layer.reading === 'reverse' ? ', reverse' : '';
    this.frame.setNote(`layer ${layer.index}${direction}, L2 norm over units at each step, absolute log scale`);
    this.frame.setLegend(theme, lineKey('‖∂L/∂h‖', theme.hidden), ...(layer.has('grad.c') ? [lineKey('‖∂L/∂c‖', theme.cell)] : []), lineKey('partial', theme.muted, 'dashed'));
    const upper = { top: 6, height: narrow === 'narrow' ? 84 : 96 };
    const lower = { top: upper.top + upper.height + 18, height: narrow === 'narrow' ? 120 : 132 };
    const norms = new Map(curves.map(({ name }) => [name, layer.norm(name)]));
    const row = pinned === undefined ? undefined : layer.flowRow(pinned);
    this.plot.draw(plotRight(axis) + axis.margin, lower.top + lower.height + 8, (surface) => {
      drawAll(surface, scene, upper, norms);
      drawOne(surface, scene, lower, row);
    });
  }

  private tables(): readonly DataTable[] {
    const { scene } = this;
    if (!scene) return [];
    const { layer, columns, pinned } = scene;
    const shown = curves.flatMap(({ name, label }) => {
      const norm = layer.norm(name);
      return norm ? [{ label, norm }] : [];
    });
    const row = pinned === undefined ? undefined : layer.flowRow(pinned);
    const reaches = (t: number): boolean => pinned !== undefined && layer.reaches(pinned, t) === 'yes';
    return [
      {
        caption: `Gradient norms at each step, layer ${layer.index}`,
        columns: ['step', 'token', ...shown.map(({ label }) => label), ...(pinned === undefined ? [] : [`‖∂ℓ${pinned}/∂h‖`])],
        rows: Array.from({ length: columns.steps }, (_, t) => [
          String(t),
          visibleToken(columns.tokens[t] ?? ''),
          ...shown.map(({ norm }) => norm[t] ?? Number.NaN),
          ...(pinned === undefined ? [] : [row && reaches(t) ? (row[t] ?? Number.NaN) : Number.NaN]),
        ]),
      },
    ];
  }
}

/** Gradients of the mean loss of all tokens, with the clip threshold. */
function drawAll(surface: Surface, scene: Scene, panel: Panel, norms: ReadonlyMap<string, Numbers | undefined>): void {
  const { theme, axis, layer, clip, summary } = scene;
  drawPanel(surface, scene, panel, summary.answer === 'next' ? 'all tokens' : 'all losses');
  const y = vertical(panel);
  let largest = 0;
  const steps = layer.reading === 'forward' && layer.reached === 'later' ? stepsToLastLoss(summary.losses) : undefined;
  clipToPlot(surface, axis, panel.top - 2, panel.height + 4, () => {
    for (const { name, of, look } of [...curves].reverse()) {
      const shown = norms.get(name)?.subarray(0, steps);
      if (!shown) continue;
      if (look === 'solid') largest = Math.max(largest, largestOf(shown));
      const color = of === 'hidden' ? theme.hidden : theme.cell;
      drawLine(surface, axis, shown, y, look === 'solid' ? { color, width: 1.9 } : { color, width: 1.4, dash: [4, 3] });
    }
  });
  if (clip?.kind === 'norm') {
    const at = y(clip.threshold);
    drawRule(surface, [axis.gutter, at], [plotRight(axis), at], theme.limit, { dash: [6, 4] });
    drawText(surface, `clip ${clip.threshold} (acts on ‖∇θ‖${clip.threshold > 1 ? ', above this scale' : ''})`, axis.gutter + 4, at + 9, { color: theme.limit, font: labelFont(theme), halo: theme.background });
  }
  warnAboveScale(surface, scene, largest, plotRight(axis) - 6, panel.top + 10, 'right');
}

/** The gradient of the pinned loss alone, with its slope and float32's floor. */
function drawOne(surface: Surface, scene: Scene, panel: Panel, row: Numbers | undefined): void {
  const { theme, axis, layer, pinned } = scene;
  const words = answerWords(scene);
  drawPanel(surface, scene, panel, words.pinned?.only ?? 'one loss');
  if (pinned === undefined) {
    const middle = (axis.gutter + plotRight(axis)) / 2;
    return drawText(surface, 'click a token, or press Enter on a figure, to see the gradient of its loss alone', middle, panel.top + panel.height / 2, { color: theme.muted, font: labelFont(theme), align: 'center' });
  }
  if (!row) return;
  const y = vertical(panel);
  // A source lies on an axis of its own: no step of it is so many steps from a loss of the target.
  const lags = layer.reached === 'later' ? byLag(row, pinned, layer.reading) : undefined;
  const reached = lags ? new Float64Array(row.length).fill(Number.NaN) : Float64Array.from(row);
  lags?.forEach((norm, lag) => (reached[stepAtLag(pinned, lag, layer.reading)] = norm));
  const largest = largestOf(reached);
  drawFloor(surface, scene, panel, reached, largest * float32Floor);
  clipToPlot(surface, axis, panel.top - 2, panel.height + 4, () => drawLine(surface, axis, reached, y, { color: theme.hidden, width: 2 }));
  if (lags) drawSlope(surface, scene, panel, lags, pinned);
  const column = words.pinned?.column;
  if (column !== undefined && column >= axis.first && column < axis.first + axis.count) {
    drawRule(surface, [columnCentre(axis, column), panel.top - 8], [columnCentre(axis, column), panel.top + panel.height], theme.focus, { dash: [3, 3], width: 1.5 });
  }
  const name = `‖∂ℓ/∂hₖ‖, ℓ = ${words.pinned?.whose ?? ''}`;
  drawText(surface, name, axis.gutter + 4, panel.top + 2, { color: theme.foreground, font: labelFont(theme), halo: theme.background });
  warnAboveScale(surface, scene, largest, axis.gutter + 4, panel.top + 17, 'left');
}

function drawFloor(surface: Surface, { theme, axis }: Scene, panel: Panel, row: Numbers, floor: number): void {
  const y = vertical(panel);
  if (!(floor >= 1e-8 && floor < 1)) return;
  drawRule(surface, [axis.gutter, y(floor)], [plotRight(axis), y(floor)], theme.limit, { dash: [2, 3] });
  // The label ends where the curve dips below the line.
  const crossing = Math.max(axis.first, lastBelow(row, floor) + 1);
  const room = plotRight(axis) - 18 - columnCentre(axis, crossing);
  surface.font = labelFont(theme);
  const text = floorTexts.find((words) => surface.measureText(words).width <= room) ?? 'float32';
  const below = panel.top + panel.height - y(floor) >= 14;
  drawText(surface, text, plotRight(axis) - 6, y(floor) + (below ? 8 : -8), { color: theme.limit, font: labelFont(theme), align: 'right', halo: theme.background });
}

function drawSlope(surface: Surface, { theme, axis, layer }: Scene, panel: Panel, lags: Float64Array, pinned: number): void {
  const decay = fitDecay(lags);
  if (!decay) return;
  // Not the scale itself, which stops at its ends: a line that did would bend.
  const [bottom, top] = [vertical(panel)(1e-8), vertical(panel)(1)];
  const height = (lag: number): number => top - ((decay.intercept + decay.decadesPerStep * lag) / 8) * (bottom - top);
  const x = (lag: number): number => columnCentre(axis, stepAtLag(pinned, lag, layer.reading));
  clipToPlot(surface, axis, panel.top, panel.height, () => drawRule(surface, [x(decay.firstLag), height(decay.firstLag)], [x(decay.lastLag), height(decay.lastLag)], theme.foreground, { dash: [2, 2], width: 1.5 }));
  const text = `${decay.decadesPerStep > 0 ? '+' : ''}${formatFixed(decay.decadesPerStep, 3)} decades per step back (lag ${decay.firstLag}–${decay.lastLag})`;
  const style = { color: theme.foreground, font: strongFont(theme), halo: theme.background };
  surface.font = style.font;
  const width = surface.measureText(text).width;
  // Beside the middle of the line, on the side that it falls away from.
  const middle = Math.min((decay.firstLag + decay.lastLag) / 2, decay.firstLag + 14);
  const at = Math.min(Math.max(height(middle) + (decay.decadesPerStep > 0 ? 14 : -10), panel.top + 32), panel.top + panel.height - 8);
  const right = x(middle) - 10;
  if (right - width >= axis.gutter) drawText(surface, text, Math.min(right, plotRight(axis) - 8), at, { ...style, align: 'right' });
  else drawText(surface, text, axis.gutter + 4, at, style);
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
  drawText(surface, `above the scale: up to ${formatNumber(largest)}`, x, y, { color: theme.limit, font: labelFont(theme), align, halo: theme.background });
}

/** Index of the last entry below a limit; −1 without one. */
function lastBelow(values: ArrayLike<number>, limit: number): number {
  for (let index = values.length - 1; index >= 0; index--) if ((values[index] ?? limit) < limit) return index;
  return -1;
}
