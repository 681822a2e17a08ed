import { formatCount, formatFixed, formatNumber } from '../../format';
import type { DataTable } from '../../ui/dataTable';
import { FigureFrame } from '../../ui/figure';
import { lineKey, ringKey } from '../../ui/legend';
import type { FigureHooks, SideFigure, SideScene } from '../scene';
import { StepCurves, tableSteps } from './stepCurves';

/** Training and validation loss with the references that give them meaning, learning rate, and speed. */
export class LossFigure implements SideFigure {
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
    this.curves = new StepCurves(this.frame, (index) => this.words(index));
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
    const speed = speedOf(columns.tokens, columns.seconds);
    pace.element.hidden = speed === undefined;
    if (speed) pace.draw({ ...shared, height: 74, scale: 'linear', label: 'tokens per second', lines: [{ values: speed, color: theme.hidden, look: 'line' }] });
    this.curves.drawn(columns.step);
  }

  /** Moves the figure's own crosshair, over training steps. */
  moveColumn(by: number | 'first' | 'last'): void {
    this.curves.move(by);
  }

  private words(index: number): string {
    const columns = this.scene?.metrics.columns;
    if (!columns) return '';
    const speed = speedOf(columns.tokens, columns.seconds)?.[index];
    const fast = speed === undefined || Number.isNaN(speed) ? '' : `, ${formatCount(Math.round(speed))} tokens/s`;
    return `step ${formatCount(columns.step[index] ?? 0)}: loss ${formatFixed(columns.loss[index], 3)}, rate ${formatNumber(columns.learningRate[index])}${fast}`;
  }

  private tables(): readonly DataTable[] {
    const metrics = this.scene?.metrics;
    if (!metrics) return [];
    const { columns, evaluations } = metrics;
    const { indices, note } = tableSteps(columns.step);
    const speed = speedOf(columns.tokens, columns.seconds);
    return [
      { caption: 'Validation loss', columns: ['step', 'loss'], rows: evaluations.map(({ step, validationLoss }) => [String(step), validationLoss]) },
      {
        caption: `Training${note}`,
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
