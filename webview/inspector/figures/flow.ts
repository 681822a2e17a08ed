import { formatExact } from '../../format';
import { drawTimeLabels, labelFont, tickFont } from '../../plots/axisDrawing';
import { CellImages } from '../../plots/cellImages';
import { drawText, drawVerticalText, type Box } from '../../plots/drawing';
import { drawImage, type CellGrid } from '../../plots/heatmap';
import { drawDiagonal, drawLagCurve, lagAt } from '../../plots/matrix';
import { gradientDecades } from '../../plots/scales';
import type { Plot } from '../../plots/plot';
import type { Surface } from '../../plots/surface';
import { columnAt, columnLeft, plotRight } from '../../plots/timeAxis';
import type { DataTable } from '../../ui/dataTable';
import { element } from '../../ui/dom';
import { FigureFrame } from '../../ui/figure';
import { Lens, type LensReading } from '../../ui/lens';
import { scaleBar } from '../../ui/legend';
import type { FigureHooks, Scene, TimeFigure } from '../scene';
import { FlowBlocks, placeOf, type FlowBlock } from './flowBlocks';
import { drawFlowSums, flowSumsAt, flowSumsHeight } from './flowSums';
import { flowTables } from './flowTables';

/** Rows the figure shows: loss positions inside the window. */
export interface FlowRows {
  readonly first: number;
  readonly count: number;
  /** Of one row, in CSS pixels; below one where rows share a pixel. */
  readonly height: number;
}

/** Images of blocks that are kept. */
const mostImages = 96;

interface BlockImage {
  readonly block: FlowBlock;
  readonly image: HTMLCanvasElement;
}

/** ‖∂ℓₜ/∂hₖ‖ for every pair: which step each loss flows back to. */
export class FlowFigure implements TimeFigure {
  readonly frame: FigureFrame;
  private readonly plot: Plot;
  private readonly sums: Plot;
  private readonly marker = element('div', { class: 'row-marker' });
  private readonly blocks = new FlowBlocks();
  private readonly images = new CellImages<FlowBlock['cells']>(mostImages);
  /** The last picture with all its blocks, and what it is of. */
  private complete: readonly BlockImage[] = [];
  private subject = '';
  private scene?: Scene;
  private row?: number;

  constructor(private readonly hooks: FigureHooks) {
    this.frame = new FigureFrame(
      {
        name: 'Flow matrix',
        howTo: [
          { lead: '', text: 'Row t is the loss of what step t predicts, column k a step before it; the colour is ‖∂ℓₜ/∂hₖ‖, how strongly that loss reaches the hidden state at k. The log scale is absolute.' },
          { lead: 'A band that fades', text: 'a few steps from the diagonal is a vanishing gradient: ∂hₜ/∂hₖ is a product of t − k Jacobians, and when their norms stay below 1 it falls exponentially, so what lies further back cannot be learnt from. Vertical edges are steps where the network let go of its state.' },
          { lead: 'The curve', text: 'is the mean along each diagonal; reach is the largest lag that still has 1 % of lag 0 (the dashed diagonal).' },
          { lead: 'Beneath:', text: 'the sum of the norms beside the norm of the sum, ‖∂L/∂hₖ‖. Where the second is far smaller, the losses pull a step’s state in directions that cancel.' },
        ],
      },
      { tables: () => this.tables(), changed: () => hooks.changed() },
    );
    [this.plot, this.sums] = [this.frame.plot(), this.frame.plot()];
    this.marker.hidden = true;
    const plot = element('div', { class: 'plot', children: [this.plot.element, this.marker] });
    plot.addEventListener('pointermove', (event) => this.pick(this.rowAt(event.clientY - plot.getBoundingClientRect().top)));
    plot.addEventListener('pointerleave', () => this.pick(undefined));
    new Lens(plot, this.plot, (x, y) => this.flowAt(x, y));
    plot.addEventListener('click', () => this.row !== undefined && hooks.pin(this.row));
    const sums = element('div', { class: 'plot', children: [this.sums.element] });
    new Lens(sums, this.sums, (x) => this.scene && flowSumsAt(this.scene, x));
    this.frame.body.append(plot, sums);
  }

  draw(scene: Scene): void {
    const coming = scene.asked.flow === 'without-flow';
    this.frame.element.classList.toggle('coming', coming);
    // The matrix of the text before stays, faded, until that of this one has come.
    if (coming && this.scene) return;
    this.scene = scene;
    const { theme, axis, layer } = scene;
    const direction = layer.reading === 'reverse' ? ', reverse' : '';
    this.frame.setNote(`layer ${layer.index}${direction}: row t = loss of what step t predicts, column k = step it flows back to`);
    this.frame.setLegend(theme, scaleBar('‖∂ℓₜ/∂hₖ‖', '10⁻⁸', '1', theme.signal, theme.frame));
    const rows = rowsOf(scene);
    const height = Math.round(rows.count * rows.height);
    const blocks = this.blocks.over(scene, rows);
    const lags = layer.byLag;
    this.plot.draw(plotRight(axis) + axis.margin, height + 18, (surface) => {
      this.drawBlocks(surface, scene, rows, height, blocks);
      if (lags) drawReach(surface, scene, rows, lags.reach);
      drawPinned(surface, scene, rows);
      const box = insetBox(scene, height);
      if (box && lags) drawLagCurve(surface, theme, { ...lags, layer: layer.index }, box);
      const every = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((step) => step * rows.height >= 36) ?? 1000;
      for (let t = Math.ceil(rows.first / every) * every; t < rows.first + rows.count; t += every) {
        drawText(surface, String(t), axis.gutter - 8, Math.max(6, (t - rows.first + 0.5) * rows.height), { color: theme.muted, font: tickFont(theme), align: 'right' });
      }
      drawVerticalText(surface, 'loss of step t', scene.narrow === 'narrow' ? 6 : 18, height / 2, { color: theme.foreground, font: labelFont(theme) });
      drawTimeLabels(surface, theme, axis, height + 9);
    });
    const [sums, total] = [layer.flowSums, layer.norm('grad.h')];
    this.sums.draw(plotRight(axis) + axis.margin, flowSumsHeight, (surface) => drawFlowSums(surface, scene, sums, total));
    this.mark();
  }

  /** ↑ and ↓ go from row to row. */
  moveRow(by: number): void {
    if (!this.scene) return;
    const { first, count } = rowsOf(this.scene);
    const from = this.row ?? this.scene.pinned ?? (by > 0 ? first - 1 : first + count);
    this.pick(Math.min(first + count - 1, Math.max(first, from + by)));
  }

  /** The row that Enter pins; undefined until one was chosen. */
  get pinnable(): number | undefined {
    return this.row;
  }

  /** Draws the blocks whose images are there over the last whole picture, as long as one is missing. */
  private drawBlocks(surface: Surface, { theme, axis, layer, until }: Scene, rows: FlowRows, height: number, blocks: readonly FlowBlock[]): void {
    const made = blocks.flatMap((block) => {
      const grid = (): CellGrid => {
        const { place, columns } = placeOf(block, layer, gradientDecades.place);
        return { columns, rows: block.cells.rows, place };
      };
      const image = this.images.of(block.cells, { map: theme.signal, signature: [] }, grid, until);
      return image ? [{ block, image }] : [];
    });
    const whole = made.length === blocks.length;
    const subject = [layer.index, layer.reading, layer.steps].join();
    if (subject !== this.subject) this.complete = [];
    this.subject = subject;
    surface.save();
    surface.beginPath();
    surface.rect(axis.gutter, 0, axis.count * axis.cell, height);
    surface.clip();
    for (const { block: { ask, cells }, image } of whole ? made : [...this.complete, ...made]) {
      const left = columnLeft(axis, ask.left);
      drawImage(surface, image, { x: left, y: (ask.first - rows.first) * rows.height, width: columnLeft(axis, ask.left + ask.widthBin * cells.columns) - left, height: ask.bin * cells.rows * rows.height });
    }
    surface.restore();
    if (whole) this.complete = made;
    else this.hooks.again();
  }

  private pick(row: number | undefined): void {
    if (row === this.row) return;
    this.row = row;
    this.mark();
    this.hooks.point({ row });
  }

  private mark(): void {
    if (!this.scene) return;
    const { first, height } = rowsOf(this.scene);
    this.marker.hidden = this.row === undefined;
    this.marker.style.setProperty('transform', `translateY(${((this.row ?? 0) - first) * height}px)`);
    this.marker.style.setProperty('height', `${Math.max(3, height)}px`);
  }

  private flowAt(x: number, y: number): LensReading | undefined {
    const { scene } = this;
    const row = this.rowAt(y);
    if (!scene || row === undefined) return undefined;
    const lag = this.lagCurveAt(scene, x, y);
    if (lag) return lag;
    const { layer, axis } = scene;
    const k = columnAt(axis, x);
    const t = layer.stepOfRow(row);
    if (k === undefined || k >= layer.steps || layer.reaches(t, k) === 'no') return undefined;
    const flow = layer.flowRow(row)?.[k];
    const { first, height } = rowsOf(scene);
    const apart = layer.reached === 'later' ? `, ${Math.abs(t - k)} steps ${layer.reading === 'forward' ? 'back' : 'on'}` : '';
    return { lines: [`loss of step ${t}, state of step ${k}${apart}`, `‖∂ℓ/∂h‖ ${flow === undefined ? '…' : formatExact(flow)}`], cell: { x: columnLeft(axis, k), y: (row - first) * height, width: axis.cell, height } };
  }

  /** A point of the curve in the empty corner. */
  private lagCurveAt(scene: Scene, x: number, y: number): LensReading | undefined {
    const { byLag } = scene.layer;
    const rows = rowsOf(scene);
    const box = byLag && insetBox(scene, Math.round(rows.count * rows.height));
    const lag = box && lagAt(box, byLag.mean.length, x, y);
    return lag === undefined ? undefined : { lines: [`lag ${lag}`, `mean ‖∂ℓₜ/∂hₖ‖ ${formatExact(byLag?.mean[lag])}`] };
  }

  private rowAt(y: number): number | undefined {
    if (!this.scene) return undefined;
    const { first, count, height } = rowsOf(this.scene);
    const row = Math.floor(y / height);
    return row >= 0 && row < count ? first + row : undefined;
  }

  private tables(): readonly DataTable[] {
    const { scene } = this;
    return scene ? flowTables(scene, rowsOf(scene), this.blocks) : [];
  }
}

/** About 260 pixels for all rows together, whole pixels for each as long as there are enough. */
export function rowsOf({ axis, layer }: Scene): FlowRows {
  const losses = layer.has('flow') ? layer.losses : 0;
  const first = Math.min(axis.first, losses);
  const count = Math.max(0, Math.min(axis.first + axis.count, losses) - first);
  const fair = 260 / Math.max(1, count);
  return { first, count, height: fair < 1 ? fair : Math.min(14, Math.round(fair)) };
}

/** The diagonal at the reach, clipped to the plot. */
function drawReach(surface: Surface, { axis, layer }: Scene, rows: FlowRows, reach: number): void {
  if (reach < 1) return;
  const offset = layer.reading === 'forward' ? -reach : reach;
  const point = (t: number): readonly [number, number] => [columnLeft(axis, t + offset + 0.5), (t - rows.first + 0.5) * rows.height];
  surface.save();
  surface.beginPath();
  surface.rect(axis.gutter, 0, axis.count * axis.cell, rows.count * rows.height);
  surface.clip();
  drawDiagonal(surface, point(rows.first), point(rows.first + rows.count));
  surface.restore();
}

function drawPinned(surface: Surface, { theme, axis, pinned }: Scene, rows: FlowRows): void {
  if (pinned === undefined || pinned < rows.first || pinned >= rows.first + rows.count) return;
  const y = (pinned - rows.first) * rows.height;
  surface.strokeStyle = theme.focus;
  surface.lineWidth = 1.5;
  surface.strokeRect(axis.gutter - 1, y - 1, axis.count * axis.cell + 1, rows.height + 2);
  surface.fillStyle = theme.focus;
  surface.beginPath();
  surface.moveTo(axis.gutter - 7, y + rows.height / 2 - 4);
  surface.lineTo(axis.gutter - 1, y + rows.height / 2);
  surface.lineTo(axis.gutter - 7, y + rows.height / 2 + 4);
  surface.fill();
}

/** The corner without data holds the per-lag curve. */
function insetBox({ axis, layer }: Scene, height: number): Box | undefined {
  const width = axis.count * axis.cell;
  // A window far from the beginning has no empty corner when it is narrower than the reach; the curve keeps its place all the same.
  if (height < 120) return undefined;
  const inset = { width: width * 0.43, height: Math.min(150, height * 0.46) };
  return layer.reading === 'forward' ? { ...inset, x: plotRight(axis) - inset.width, y: 0 } : { ...inset, x: axis.gutter, y: height - inset.height };
}
