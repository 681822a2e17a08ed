import type { MetricsColumns } from '../../../src/shared/run';
import { formatCount, formatExact } from '../../format';
import { nearestIndex } from '../../plots/lossModel';
import type { DataTable } from '../../ui/dataTable';
import { FigureFrame } from '../../ui/figure';
import { lineKey, ringKey } from '../../ui/legend';
import type { FigureHooks, SideFigure, SideScene } from '../scene';
import { StepCurves, tableSteps } from './stepCurves';

/** Training and validation loss with the references that give them meaning, learning rate, and speed. */
export class LossFigure implements SideFigure {
  readonly of = 'run';
  readonly frame: FigureFrame;
  private readonly curves: StepCurves;
  private scene?: SideScene;

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
    this.curves = new StepCurves(this.frame, (index) => this.linesOf(index));
    this.frame.body.append(...this.curves.curves.map(({ element: each }) => each), this.curves.words);
  }

  draw(scene: SideScene): void {
    this.scene = scene;
    const { theme, metrics, width, unit } = scene;
    const { columns, evaluations, references } = metrics;
    this.frame.setNote(unit);
    this.frame.setLegend(theme, lineKey('training', theme.hidden), ...(evaluations.length > 0 ? [ringKey('held-out', theme.foreground)] : []));
    const [loss, rate, pace] = this.curves.curves;
    const shared = { theme, width, step: columns.step, ...(scene.trace ? { marked: scene.trace.summary.step } : {}) };
    loss.draw({ ...shared, height: 190, scale: 'linear', lines: [{ values: columns.loss, color: theme.hidden, look: 'range' }], evaluations, references });
    rate.draw({ ...shared, height: 74, scale: 'linear', label: 'learning rate', lines: [{ values: columns.learningRate, color: theme.hidden, look: 'line' }] });
    const speed = columns.step.map((_, index) => speedAt(columns, index));
    const known = speed.some(Number.isFinite);
    pace.element.hidden = !known;
    if (known) pace.draw({ ...shared, height: 74, scale: 'linear', label: 'tokens per second', lines: [{ values: speed, color: theme.hidden, look: 'line' }] });
    this.curves.drawn(columns.step);
  }

  /** Moves the figure's own crosshair, over training steps. */
  moveColumn(by: number | 'first' | 'last'): void {
    this.curves.move(by);
  }

  private linesOf(index: number): readonly string[] {
    if (!this.scene) return [];
    const { columns, evaluations } = this.scene.metrics;
    const step = columns.step[index] ?? 0;
    const speed = speedAt(columns, index);
    const evaluation = evaluations[nearestIndex(evaluations.map((each) => each.step), step)];
    return [
      `step ${formatCount(step)}`,
      `loss ${formatExact(columns.loss[index])}`,
      ...(evaluation ? [`held-out ${formatExact(evaluation.validationLoss)}${evaluation.step === step ? '' : ` at step ${formatCount(evaluation.step)}`}`] : []),
      `rate ${formatExact(columns.learningRate[index])}`,
      ...(Number.isNaN(speed) ? [] : [`${formatCount(Math.round(speed))} tokens/s`]),
    ];
  }

  private tables(): readonly DataTable[] {
    const metrics = this.scene?.metrics;
    if (!metrics) return [];
    const { columns, evaluations } = metrics;
    const { indices, note } = tableSteps(columns.step);
    return [
      { caption: 'Validation loss', columns: ['step', 'loss'], rows: evaluations.map(({ step, validationLoss }) => [String(step), validationLoss]) },
      {
        caption: `Training${note}`,
        columns: ['step', 'loss', 'learning rate', 'tokens/s'],
        rows: indices.map((index) => [String(columns.step[index] ?? ''), columns.loss[index] ?? Number.NaN, columns.learningRate[index] ?? Number.NaN, speedAt(columns, index)]),
      },
    ];
  }
}

/** Timesteps trained on in a second of an update; NaN where it was not recorded. */
function speedAt({ tokens, seconds }: MetricsColumns, index: number): number {
  const took = seconds?.[index] ?? 0;
  return took > 0 ? (tokens?.[index] ?? Number.NaN) / took : Number.NaN;
}
