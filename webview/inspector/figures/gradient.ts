import { formatFixed, formatNumber } from '../../format';
import { drawVerticalScale, labelFont, strongFont } from '../../plots/axisDrawing';
import { drawRule, drawText, drawVerticalText, PlotCanvas } from '../../plots/canvas';
import { rowByLag, stepAtLag } from '../../../src/shared/flow';
import { fitDecay } from '../../plots/gradientModel';
import { flowMatrix, valueAt } from '../../plots/numbers';
import { clipToPlot, drawLine } from '../../plots/ribbon';
import { gradientDecades } from '../../plots/scales';
import { columnCentre, plotRight } from '../../plots/timeAxis';
import { visibleToken } from '../../plots/tokenModel';
import type { DataTable } from '../../ui/dataTable';
import { element } from '../../ui/dom';
import { FigureFrame } from '../../ui/figure';
import { lineKey } from '../../ui/legend';
import type { Scene, TimeFigure } from '../scene';

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
  readonly element: HTMLElement;
  private readonly frame: FigureFrame;
  private readonly canvas = new PlotCanvas();
  private scene?: Scene;

  constructor(tableToggled: () => void) {
    this.frame = new FigureFrame(
      {
        name: 'Gradient flow',
        howTo: [
          { lead: '', text: 'Each point is how much the loss would change if the hidden state h (blue) or the cell state c (yellow) at that step changed a little.' },
          { lead: 'Top:', text: 'mean loss of all tokens. Solid is the total gradient; dashed is the part that enters at this step only, from above. The gap between them is what the recurrence brings back from later steps.' },
          { lead: 'Bottom:', text: 'loss of the clicked token alone. A straight line falling away from it is vanishing (rising: exploding); its slope is decades per step. Points under the dotted line are lost when float32 adds them up.' },
        ],
      },
      () => this.tables(),
      tableToggled,
    );
    this.element = this.frame.element;
    this.frame.body.append(element('div', { class: 'plot', children: [this.canvas.element] }));
  }

  draw(scene: Scene): void {
    this.scene = scene;
    const { theme, axis, layer } = scene;
    const direction = layer.reading === 'reverse' ? ', reverse' : '';
    this.frame.setNote(`layer ${layer.index}${direction}, L2 norm over units at each step, absolute log scale`);
    this.frame.setLegend(
      theme,
      lineKey('‖∂L/∂h‖', theme.hidden),
      ...(layer.get('grad.c') ? [lineKey('‖∂L/∂c‖', theme.cell)] : []),
      lineKey('partial', theme.muted, 'dashed'),
    );
    const heights = scene.narrow === 'narrow' ? [84, 120] : [96, 132];
    const upper = { top: 6, height: heights[0] ?? 96 };
    const lower = { top: upper.top + upper.height + 18, height: heights[1] ?? 132 };
    const context = this.canvas.begin(plotRight(axis) + axis.margin, lower.top + lower.height + 8);
    this.drawAll(context, scene, upper);
    this.drawPinned(context, scene, lower);
    this.frame.refreshTables();
  }

  private drawAll(context: CanvasRenderingContext2D, scene: Scene, panel: Panel): void {
    const { theme, axis, layer } = scene;
    drawPanel(context, scene, panel, 'all tokens');
    const y = vertical(panel);
    let largest = 0;
    // After the last loss a forward layer has no gradient at all, which is not a vanishing one.
    const steps = layer.reading === 'forward' ? layer.get('flow')?.steps : undefined;
    clipToPlot(context, axis, panel.top - 2, panel.height + 4, () => {
      for (const { name, of, look } of [...curves].reverse()) {
        const norms = layer.norm(name)?.subarray(0, steps);
        if (!norms) continue;
        if (look === 'solid') largest = Math.max(largest, ...norms);
        const color = of === 'hidden' ? theme.hidden : theme.cell;
        drawLine(context, axis, norms, y, look === 'solid' ? { color, width: 1.9 } : { color, width: 1.4, dash: [4, 3] });
      }
    });
    const clip = scene.clip;
    if (clip?.kind === 'norm' && clip.threshold <= 1) {
      const at = y(clip.threshold);
      drawRule(context, [axis.gutter, at], [plotRight(axis), at], theme.limit, { dash: [6, 4] });
      drawText(context, `clip ${clip.threshold} (acts on ‖∇θ‖)`, axis.gutter + 4, at + 9, { color: theme.limit, font: labelFont(theme), halo: theme.background });
    }
    warnAboveScale(context, scene, largest, plotRight(axis) - 6, panel.top + 10, 'right');
  }

  private drawPinned(context: CanvasRenderingContext2D, scene: Scene, panel: Panel): void {
    const { theme, axis, layer, pinned, columns } = scene;
    const flow = layer.get('flow');
    drawPanel(context, scene, panel, pinned === undefined ? 'one token' : `token ${pinned + 1} only`);
    if (pinned === undefined || !flow) {
      drawText(context, 'click a token, or press Enter on a figure, to see the gradient of its loss alone', (axis.gutter + plotRight(axis)) / 2, panel.top + panel.height / 2, {
        color: theme.muted,
        font: labelFont(theme),
        align: 'center',
      });
      return;
    }
    const y = vertical(panel);
    const byLag = rowByLag(flowMatrix(flow), pinned, layer.reading);
    const row = new Float64Array(flow.width).fill(Number.NaN);
    byLag.forEach((norm, lag) => (row[stepAtLag(pinned, lag, layer.reading)] = norm));
    const largest = Math.max(...byLag);
    const floor = largest * float32Floor;
    if (floor >= 1e-8 && floor < 1) {
      drawRule(context, [axis.gutter, y(floor)], [plotRight(axis), y(floor)], theme.limit, { dash: [2, 3] });
      // The label ends where the curve dips below the line.
      const crossing = Math.max(axis.first, lastBelow(row, floor) + 1);
      const room = plotRight(axis) - 18 - columnCentre(axis, crossing);
      context.font = labelFont(theme);
      const text = floorTexts.find((words) => context.measureText(words).width <= room) ?? 'float32';
      const below = panel.top + panel.height - y(floor) >= 14;
      drawText(context, text, plotRight(axis) - 6, y(floor) + (below ? 8 : -8), { color: theme.limit, font: labelFont(theme), align: 'right', halo: theme.background });
    }
    clipToPlot(context, axis, panel.top - 2, panel.height + 4, () => drawLine(context, axis, row, y, { color: theme.hidden, width: 2 }));
    this.drawSlope(context, scene, panel, byLag, pinned);
    const column = pinned + 1;
    if (column >= axis.first && column < axis.first + axis.count) {
      drawRule(context, [columnCentre(axis, column), panel.top - 8], [columnCentre(axis, column), panel.top + panel.height], theme.focus, { dash: [3, 3], width: 1.5 });
    }
    const name = `‖∂ℓ/∂hₖ‖, ℓ = loss of ‘${visibleToken(columns.tokens[column] ?? '')}’`;
    drawText(context, name, axis.gutter + 4, panel.top + 2, { color: theme.foreground, font: labelFont(theme), halo: theme.background });
    warnAboveScale(context, scene, largest, axis.gutter + 4, panel.top + 17, 'left');
  }

  private drawSlope(context: CanvasRenderingContext2D, scene: Scene, panel: Panel, byLag: Float64Array, pinned: number): void {
    const { theme, axis, layer } = scene;
    const decay = fitDecay(byLag);
    if (!decay) return;
    // Not the scale itself, which stops at its ends: a line that did would bend.
    const [bottom, top] = [vertical(panel)(1e-8), vertical(panel)(1)];
    const height = (lag: number): number => top - ((decay.intercept + decay.decadesPerStep * lag) / 8) * (bottom - top);
    const x = (lag: number): number => columnCentre(axis, stepAtLag(pinned, lag, layer.reading));
    clipToPlot(context, axis, panel.top, panel.height, () =>
      drawRule(context, [x(decay.firstLag), height(decay.firstLag)], [x(decay.lastLag), height(decay.lastLag)], theme.foreground, { dash: [2, 2], width: 1.5 }),
    );
    const text = `${decay.decadesPerStep > 0 ? '+' : ''}${formatFixed(decay.decadesPerStep, 3)} decades per step back (lag ${decay.firstLag}–${decay.lastLag})`;
    const style = { color: theme.foreground, font: strongFont(theme), halo: theme.background };
    context.font = style.font;
    const width = context.measureText(text).width;
    // Beside the middle of the line, on the side that it falls away from.
    const middle = Math.min((decay.firstLag + decay.lastLag) / 2, decay.firstLag + 14);
    const at = Math.min(Math.max(height(middle) + (decay.decadesPerStep > 0 ? 14 : -10), panel.top + 20), panel.top + panel.height - 8);
    const right = x(middle) - 10;
    if (right - width >= axis.gutter) drawText(context, text, Math.min(right, plotRight(axis) - 8), at, { ...style, align: 'right' });
    else drawText(context, text, axis.gutter + 4, at, style);
  }

  private tables(): readonly DataTable[] {
    const scene = this.scene;
    if (!scene) return [];
    const { layer, columns, pinned } = scene;
    const shown = curves.filter(({ name }) => layer.norm(name) !== undefined);
    const flow = layer.get('flow');
    const reaches = (t: number): boolean => pinned !== undefined && (layer.reading === 'forward' ? t <= pinned : t >= pinned);
    return [
      {
        caption: `Gradient norms at each step, layer ${layer.index}`,
        columns: ['step', 'token', ...shown.map(({ label }) => label), ...(pinned === undefined ? [] : [`‖∂ℓ${pinned}/∂h‖`])],
        rows: Array.from({ length: columns.steps }, (_, t) => [
          String(t),
          visibleToken(columns.tokens[t] ?? ''),
          ...shown.map(({ name }) => layer.norm(name)?.[t] ?? Number.NaN),
          ...(pinned === undefined ? [] : [flow && reaches(t) ? valueAt(flow, pinned, t) : Number.NaN]),
        ]),
      },
    ];
  }
}

function vertical(panel: Panel): (value: number) => number {
  return (value) => panel.top + (1 - gradientDecades.place(value)) * panel.height;
}

function drawPanel(context: CanvasRenderingContext2D, scene: Scene, panel: Panel, label: string): void {
  const { theme, axis } = scene;
  drawVerticalScale(context, theme, axis, gradientDecades, panel.top, panel.height);
  const narrow = scene.narrow === 'narrow';
  drawVerticalText(context, label, narrow ? 6 : 18, panel.top + panel.height / 2, { color: theme.foreground, font: labelFont(theme) });
}

/** The scale is absolute: what lies above it is said in words instead of moving the scale. */
function warnAboveScale(context: CanvasRenderingContext2D, scene: Scene, largest: number, x: number, y: number, align: 'left' | 'right'): void {
  if (!(largest > 1)) return;
  drawText(context, `above the scale: up to ${formatNumber(largest)}`, x, y, { color: scene.theme.limit, font: labelFont(scene.theme), align, halo: scene.theme.background });
}

/** Index of the last entry below a limit; −1 without one. */
function lastBelow(values: Float64Array, limit: number): number {
  for (let index = values.length - 1; index >= 0; index--) if ((values[index] ?? limit) < limit) return index;
  return -1;
}
