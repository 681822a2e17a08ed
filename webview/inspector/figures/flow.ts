import { drawTimeLabels, labelFont, tickFont } from '../../plots/axisDrawing';
import { drawText, drawVerticalText, PlotCanvas, type Box } from '../../plots/canvas';
import { drawCells } from '../../plots/heatmap';
import { drawDiagonal, drawLagCurve } from '../../plots/matrix';
import { valueAt } from '../../plots/numbers';
import { gradientDecades } from '../../plots/scales';
import { columnLeft, plotRight } from '../../plots/timeAxis';
import { visibleToken } from '../../plots/tokenModel';
import type { DataTable } from '../../ui/dataTable';
import { element } from '../../ui/dom';
import { FigureFrame } from '../../ui/figure';
import { scaleBar } from '../../ui/legend';
import type { Scene, TimeFigure } from '../scene';

/** What the flow matrix asks of the panel. */
export interface FlowHooks {
  tableToggled(): void;
  /** The row under the pointer or the arrow keys: position t of a loss. */
  rowPicked(row: number | undefined): void;
  pin(position: number): void;
}

/** Rows the figure shows: loss positions inside the window. */
interface Rows {
  readonly first: number;
  readonly count: number;
  readonly height: number;
}

/** ‖∂ℓₜ/∂hₖ‖ for every pair: which step each loss flows back to. */
export class FlowFigure implements TimeFigure {
  readonly element: HTMLElement;
  private readonly frame: FigureFrame;
  private readonly canvas = new PlotCanvas();
  private readonly marker = element('div', { class: 'row-marker' });
  private scene?: Scene;
  private row?: number;

  constructor(private readonly hooks: FlowHooks) {
    this.frame = new FigureFrame(
      {
        name: 'Flow matrix',
        howTo: [
          { lead: '', text: 'Row t is the loss of what step t predicts, column k a step before it; the colour is ‖∂ℓₜ/∂hₖ‖, how strongly that loss reaches the hidden state at k. The log scale is absolute.' },
          { lead: 'A band that fades', text: 'a few steps from the diagonal is a vanishing gradient: what lies further back cannot be learnt from. Vertical edges are steps where the network let go of its state.' },
          { lead: 'The curve', text: 'is the mean along each diagonal; reach is the largest lag that still has 1 % of lag 0 (the dashed diagonal).' },
        ],
      },
      () => this.tables(),
      () => hooks.tableToggled(),
    );
    this.element = this.frame.element;
    this.marker.hidden = true;
    const plot = element('div', { class: 'plot', children: [this.canvas.element, this.marker] });
    plot.addEventListener('pointermove', (event) => this.pick(this.rowAt(event.clientY - plot.getBoundingClientRect().top)));
    plot.addEventListener('pointerleave', () => this.pick(undefined));
    plot.addEventListener('click', () => {
      if (this.row !== undefined) hooks.pin(this.row);
    });
    this.frame.body.append(plot);
  }

  draw(scene: Scene): void {
    this.scene = scene;
    const { theme, axis, layer } = scene;
    const flow = layer.get('flow');
    const direction = layer.reading === 'reverse' ? ', reverse' : '';
    this.frame.setNote(`‖∂ℓₜ/∂hₖ‖, layer ${layer.index}${direction}: row t = loss of step t’s prediction, column k = step it flows back to`);
    this.frame.setLegend(theme, scaleBar('', '10⁻⁸', '1', theme.signal, theme.frame));
    const rows = rowsOf(scene);
    const height = rows.count * rows.height;
    const context = this.canvas.begin(plotRight(axis) + axis.margin, height + 18);
    if (!flow) return;
    const inside = (t: number, k: number): boolean => (layer.reading === 'forward' ? k <= t : k >= t);
    const place = (column: number, row: number): number => {
      const [t, k] = [rows.first + row, axis.first + column];
      return inside(t, k) ? gradientDecades.place(valueAt(flow, t, k)) : Number.NaN;
    };
    drawCells(context, { columns: axis.count, rows: rows.count, place }, theme.signal, { x: axis.gutter, y: 0, width: axis.count * axis.cell, height });
    this.drawReach(context, scene, rows);
    this.drawPinned(context, scene, rows);
    const box = this.insetBox(scene, height);
    if (box) drawLagCurve(context, theme, { ...layer.byLag, layer: layer.index }, box);
    const every = [1, 2, 5, 10, 20, 50, 100].find((step) => step * rows.height >= 36) ?? 200;
    for (let t = Math.ceil(rows.first / every) * every; t < rows.first + rows.count; t += every) {
      drawText(context, String(t), axis.gutter - 8, Math.max(6, (t - rows.first + 0.5) * rows.height), { color: theme.muted, font: tickFont(theme), align: 'right' });
    }
    drawVerticalText(context, 'loss of step t', scene.narrow === 'narrow' ? 6 : 18, height / 2, { color: theme.foreground, font: labelFont(theme) });
    drawTimeLabels(context, theme, axis, height + 9);
    this.mark();
    this.frame.refreshTables();
  }

  /** ↑ and ↓ go from row to row, Enter pins the row. */
  moveRow(by: number): void {
    if (!this.scene) return;
    const rows = rowsOf(this.scene);
    const from = this.row ?? this.scene.pinned ?? (by > 0 ? rows.first - 1 : rows.first + rows.count);
    this.pick(Math.min(rows.first + rows.count - 1, Math.max(rows.first, from + by)));
  }

  /** The row chosen with the arrow keys or the pointer. */
  get pickedRow(): number | undefined {
    return this.row;
  }

  private pick(row: number | undefined): void {
    if (row === this.row) return;
    this.row = row;
    this.mark();
    this.hooks.rowPicked(row);
  }

  private mark(): void {
    if (!this.scene) return;
    const rows = rowsOf(this.scene);
    this.marker.hidden = this.row === undefined;
    this.marker.style.setProperty('transform', `translateY(${((this.row ?? 0) - rows.first) * rows.height}px)`);
    this.marker.style.setProperty('height', `${rows.height}px`);
  }

  private rowAt(y: number): number | undefined {
    if (!this.scene) return undefined;
    const rows = rowsOf(this.scene);
    const row = Math.floor(y / rows.height);
    return row >= 0 && row < rows.count ? rows.first + row : undefined;
  }

  /** The diagonal at the reach, clipped to the plot. */
  private drawReach(context: CanvasRenderingContext2D, scene: Scene, rows: Rows): void {
    const { axis, layer } = scene;
    const lag = layer.byLag.reach;
    if (lag < 1) return;
    const offset = layer.reading === 'forward' ? -lag : lag;
    const point = (t: number): readonly [number, number] => [columnLeft(axis, t + offset + 0.5), (t - rows.first + 0.5) * rows.height];
    context.save();
    context.beginPath();
    context.rect(axis.gutter, 0, axis.count * axis.cell, rows.count * rows.height);
    context.clip();
    drawDiagonal(context, point(rows.first), point(rows.first + rows.count));
    context.restore();
  }

  private drawPinned(context: CanvasRenderingContext2D, scene: Scene, rows: Rows): void {
    const { theme, axis, pinned } = scene;
    if (pinned === undefined || pinned < rows.first || pinned >= rows.first + rows.count) return;
    const y = (pinned - rows.first) * rows.height;
    context.strokeStyle = theme.focus;
    context.lineWidth = 1.5;
    context.strokeRect(axis.gutter - 1, y - 1, axis.count * axis.cell + 1, rows.height + 2);
    context.fillStyle = theme.focus;
    context.beginPath();
    context.moveTo(axis.gutter - 7, y + rows.height / 2 - 4);
    context.lineTo(axis.gutter - 1, y + rows.height / 2);
    context.lineTo(axis.gutter - 7, y + rows.height / 2 + 4);
    context.fill();
  }

  /** The corner without data holds the per-lag curve. */
  private insetBox(scene: Scene, height: number): Box | undefined {
    const { axis, layer } = scene;
    const width = axis.count * axis.cell;
    if (height < 120) return undefined;
    const inset = { width: width * 0.43, height: Math.min(150, height * 0.46) };
    return layer.reading === 'forward' ? { ...inset, x: plotRight(axis) - inset.width, y: 0 } : { ...inset, x: axis.gutter, y: height - inset.height };
  }

  private tables(): readonly DataTable[] {
    const scene = this.scene;
    const flow = scene?.layer.get('flow');
    if (!scene || !flow) return [];
    const { layer, axis, columns } = scene;
    const rows = rowsOf(scene);
    const steps = Array.from({ length: Math.max(0, Math.min(axis.count, flow.width - axis.first)) }, (_, index) => axis.first + index);
    const inside = (t: number, k: number): boolean => (layer.reading === 'forward' ? k <= t : k >= t);
    return [
      {
        caption: `Mean flow by lag, layer ${layer.index}; reach ${layer.byLag.reach} steps`,
        columns: ['lag', 'mean ‖∂ℓₜ/∂hₖ‖'],
        rows: Array.from(layer.byLag.mean, (mean, lag) => [String(lag), mean]),
      },
      {
        caption: `‖∂ℓₜ/∂hₖ‖, layer ${layer.index}: a row for each loss t, a column for each step k`,
        columns: ['t', ...steps.map((k) => `${k} ${visibleToken(columns.tokens[k] ?? '')}`)],
        rows: Array.from({ length: rows.count }, (_, row) => {
          const t = rows.first + row;
          return [String(t), ...steps.map((k) => (inside(t, k) ? valueAt(flow, t, k) : ''))];
        }),
      },
    ];
  }
}

/** About 260 pixels for all rows together, at least one for each. */
function rowsOf(scene: Scene): Rows {
  const { axis, layer } = scene;
  const positions = layer.get('flow')?.steps ?? 0;
  const first = Math.min(axis.first, positions);
  const count = Math.max(0, Math.min(axis.first + axis.count, positions) - first);
  return { first, count, height: Math.max(1, Math.min(14, Math.round(260 / Math.max(1, count)))) };
}
