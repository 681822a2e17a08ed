import type { RunMetrics } from '../../../src/shared/run';
import { formatCount, formatFixed, formatNumber, formatPercent } from '../../format';
import { clippedShare, nearestIndex } from '../../plots/lossModel';
import { CurvePlot } from '../../plots/lossPlot';
import type { Theme } from '../../theme';
import type { DataTable } from '../../ui/dataTable';
import { element } from '../../ui/dom';
import { FigureFrame } from '../../ui/figure';

/** What the loss figure draws. */
export interface LossScene {
  readonly theme: Theme;
  readonly width: number;
  readonly metrics: RunMetrics;
  /** What the loss is counted in: `nats per character`, `squared units` … */
  readonly unit: string;
  /** Step of the weights that the other figures show. */
  readonly marked?: number;
}

/** Steps over which the share of clipped ones is told. */
const recentSteps = 1000;

/** Training and validation loss, and the gradient's norm with its clip threshold. */
export class LossFigure {
  readonly element: HTMLElement;
  private readonly frame: FigureFrame;
  private readonly lossHost = element('div', { class: 'curve' });
  private readonly normHost = element('div', { class: 'curve' });
  private readonly pointed = element('p', { class: 'step-readout', attributes: { role: 'status' } });
  private readonly normTitle = element('h3');
  private readonly loss = new CurvePlot(this.lossHost, (step) => this.show(step));
  private readonly norm = new CurvePlot(this.normHost, (step) => this.show(step));
  private scene?: LossScene;
  private cursor?: number;

  constructor(tableToggled: () => void) {
    this.frame = new FigureFrame(
      {
        name: 'Loss',
        howTo: [
          { lead: '', text: 'The line is a moving average of each batch’s training loss, the shade its range where several steps share a pixel; circles are the loss on held-out data. Dashed lines say what a model gains over knowing nothing.' },
          { lead: 'Gradient norm', text: 'is ‖∇θ‖₂ over all parameters before clipping. Steps above the dashed threshold were scaled down to it (the share is that of the last 1,000 steps): now and then it is a safety net, always it is a limit on the step size.' },
        ],
      },
      () => this.tables(),
      tableToggled,
    );
    this.element = this.frame.element;
    this.frame.body.append(this.lossHost, this.normTitle, this.normHost, this.pointed);
  }

  draw(scene: LossScene): void {
    this.scene = scene;
    const { theme, metrics, width } = scene;
    const { columns, clip } = metrics;
    this.frame.setNote(scene.unit);
    const shared = { theme, width, step: columns.step, ...(scene.marked === undefined ? {} : { marked: scene.marked }) };
    this.loss.draw({ ...shared, height: 190, values: columns.loss, color: theme.hidden, scale: 'linear', evaluations: metrics.evaluations, references: metrics.references });
    const limit = clip?.kind === 'norm' ? { limit: { label: `clip ${clip.threshold}`, value: clip.threshold } } : {};
    this.norm.draw({ ...shared, height: 130, values: columns.gradNorm, color: theme.hidden, scale: 'log', ...limit });
    const note = clip && columns.clipped.length > 0 ? `‖∇θ‖, ${formatPercent(clippedShare(columns.clipped, recentSteps))} clipped` : '‖∇θ‖';
    this.normTitle.replaceChildren('Gradient norm ', element('span', { class: 'note', text: note }));
    if (this.cursor === undefined) this.show(undefined);
    this.frame.refreshTables();
  }

  /** Moves the figure's own crosshair, over training steps. */
  moveStep(by: number | 'first' | 'last'): void {
    const steps = this.scene?.metrics.columns.step;
    if (!steps || steps.length === 0) return;
    const last = steps.length - 1;
    const from = this.cursor === undefined ? last : nearestIndex(steps, this.cursor);
    const index = by === 'first' ? 0 : by === 'last' ? last : Math.min(last, Math.max(0, from + by));
    const step = steps[index];
    this.loss.point(step);
    this.norm.point(step);
    this.show(step);
  }

  private show(step: number | undefined): void {
    this.cursor = step;
    const columns = this.scene?.metrics.columns;
    if (!columns || columns.step.length === 0) return;
    const index = step === undefined ? columns.step.length - 1 : nearestIndex(columns.step, step);
    const clipped = columns.clipped[index] === 1 ? ', clipped' : '';
    this.pointed.textContent = `step ${formatCount(columns.step[index] ?? 0)}: loss ${formatFixed(columns.loss[index], 3)}, ‖∇θ‖ ${formatNumber(columns.gradNorm[index])}${clipped}`;
  }

  private tables(): readonly DataTable[] {
    const metrics = this.scene?.metrics;
    if (!metrics) return [];
    const { columns, evaluations } = metrics;
    const most = 500;
    const every = Math.max(1, Math.ceil(columns.step.length / most));
    const indices = Array.from(columns.step.keys()).filter((index) => index % every === 0 || index === columns.step.length - 1);
    return [
      { caption: 'Validation loss', columns: ['step', 'loss'], rows: evaluations.map(({ step, validationLoss }) => [String(step), validationLoss]) },
      {
        caption: every === 1 ? 'Training' : `Training, every ${every} steps`,
        columns: ['step', 'loss', '‖∇θ‖', 'clipped', 'learning rate'],
        rows: indices.map((index) => [
          String(columns.step[index] ?? ''),
          columns.loss[index] ?? Number.NaN,
          columns.gradNorm[index] ?? Number.NaN,
          columns.clipped[index] === 1 ? 'yes' : 'no',
          columns.learningRate[index] ?? Number.NaN,
        ]),
      },
    ];
  }
}
