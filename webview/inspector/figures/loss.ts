import { formatCount, formatFixed, formatNumber } from '../../format';
import { CurvePlot } from '../../plots/curvePlot';
import { nearestIndex } from '../../plots/lossModel';
import type { DataTable } from '../../ui/dataTable';
import { element } from '../../ui/dom';
import { FigureFrame } from '../../ui/figure';
import { lineKey } from '../../ui/legend';
import type { FigureHooks, SideFigure, SideScene } from '../scene';

/** Rows of the training table at most; the validation table has them all. */
const mostRows = 500;

/** Training and validation loss with the references that give them meaning, learning rate, and speed. */
export class LossFigure implements SideFigure {
  readonly frame: FigureFrame;
  private readonly pointed = element('p', { class: 'step-readout', attributes: { role: 'status' } });
  private readonly loss: CurvePlot;
  private readonly rate: CurvePlot;
  private readonly speed: CurvePlot;
  private scene?: SideScene;
  private cursor?: number;

  constructor(hooks: FigureHooks) {
    this.frame = new FigureFrame(
      {
        name: 'Loss',
        howTo: [
          { lead: '', text: 'The line is a moving average of each batch’s training loss, the shade its range where several steps share a pixel; circles are the loss on held-out data. Dashed lines say what a model gains over knowing nothing.' },
          { lead: 'A gap', text: 'between the line and the circles that widens is overfitting: the model learns its training text by heart.' },
          { lead: 'Flat at a dashed line:', text: 'the model has learnt what needs no memory and nothing more; the gradient flow says whether more can reach it.' },
          { lead: 'Beneath:', text: 'the learning rate of each step, and the timesteps trained on in a second, evaluations left out.' },
        ],
      },
      { tables: () => this.tables(), changed: () => hooks.changed() },
    );
    const curve = (): CurvePlot => new CurvePlot(this.frame.plot(), (step) => this.show(step));
    [this.loss, this.rate, this.speed] = [curve(), curve(), curve()];
    this.frame.body.append(...this.curves().map(({ element: each }) => each), this.pointed);
  }

  draw(scene: SideScene): void {
    this.scene = scene;
    const { theme, metrics, width, unit } = scene;
    const { columns, evaluations, references } = metrics;
    this.frame.setNote(unit);
    this.frame.setLegend(theme, lineKey('training', theme.hidden));
    const shared = { theme, width, step: columns.step, ...(scene.trace ? { marked: scene.trace.summary.step } : {}) };
    this.loss.draw({ ...shared, height: 190, scale: 'linear', lines: [{ values: columns.loss, color: theme.hidden, look: 'range' }], evaluations, references });
    this.rate.draw({ ...shared, height: 74, scale: 'linear', label: 'learning rate', lines: [{ values: columns.learningRate, color: theme.hidden, look: 'line' }] });
    const speed = speedOf(columns.tokens, columns.seconds);
    this.speed.element.hidden = speed === undefined;
    if (speed) this.speed.draw({ ...shared, height: 74, scale: 'linear', label: 'tokens per second', lines: [{ values: speed, color: theme.hidden, look: 'line' }] });
    if (this.cursor === undefined) this.show(undefined);
  }

  /** Moves the figure's own crosshair, over training steps. */
  moveColumn(by: number | 'first' | 'last'): void {
    const steps = this.scene?.metrics.columns.step;
    if (!steps || steps.length === 0) return;
    const last = steps.length - 1;
    const from = this.cursor === undefined ? last : nearestIndex(steps, this.cursor);
    this.show(steps[by === 'first' ? 0 : by === 'last' ? last : Math.min(last, Math.max(0, from + by))]);
  }

  private curves(): readonly CurvePlot[] {
    return [this.loss, this.rate, this.speed];
  }

  private show(step: number | undefined): void {
    this.cursor = step;
    for (const curve of this.curves()) curve.point(step);
    const columns = this.scene?.metrics.columns;
    if (!columns || columns.step.length === 0) return;
    const index = step === undefined ? columns.step.length - 1 : nearestIndex(columns.step, step);
    const speed = speedOf(columns.tokens, columns.seconds)?.[index];
    const fast = speed === undefined || Number.isNaN(speed) ? '' : `, ${formatCount(Math.round(speed))} tokens/s`;
    this.pointed.textContent = `step ${formatCount(columns.step[index] ?? 0)}: loss ${formatFixed(columns.loss[index], 3)}, rate ${formatNumber(columns.learningRate[index])}${fast}`;
  }

  private tables(): readonly DataTable[] {
    const metrics = this.scene?.metrics;
    if (!metrics) return [];
    const { columns, evaluations } = metrics;
    const every = Math.max(1, Math.ceil(columns.step.length / mostRows));
    const indices = Array.from(columns.step.keys()).filter((index) => index % every === 0 || index === columns.step.length - 1);
    const speed = speedOf(columns.tokens, columns.seconds);
    return [
      { caption: 'Validation loss', columns: ['step', 'loss'], rows: evaluations.map(({ step, validationLoss }) => [String(step), validationLoss]) },
      {
        caption: every === 1 ? 'Training' : `Training, every ${every} steps`,
        columns: ['step', 'loss', 'learning rate', ...(speed ? ['tokens/s'] : [])],
        rows: indices.map((index) => [String(columns.step[index] ?? ''), columns.loss[index] ?? Number.NaN, columns.learningRate[index] ?? Number.NaN, ...(speed ? [speed[index] ?? Number.NaN] : [])]),
      },
    ];
  }
}

/** Timesteps trained on in a second of each update; undefined where it was not recorded. */
function speedOf(tokens: Float64Array | undefined, seconds: Float64Array | undefined): Float64Array | undefined {
  if (!tokens || !seconds || !seconds.some((value) => value > 0)) return undefined;
  return tokens.map((count, index) => count / (seconds[index] ?? Number.NaN));
}
