import { CurvePlot } from '../../plots/curvePlot';
import { nearestIndex } from '../../plots/lossModel';
import { element } from '../../ui/dom';
import type { FigureFrame } from '../../ui/figure';
import { Lens } from '../../ui/lens';

/** Three curves over training steps below each other with one crosshair, and the numbers of the step under it. */
export class StepCurves {
  readonly curves: readonly [CurvePlot, CurvePlot, CurvePlot];
  /** What stands at the crosshair; at the last step while nobody points. */
  readonly words = element('p', { class: 'step-readout', attributes: { role: 'status' } });
  private steps: Float64Array = new Float64Array();
  private cursor?: number;

  constructor(
    frame: FigureFrame,
    /** What is to be said of entry `index` of the run's columns: its step first, then its numbers. */
    private readonly linesOf: (index: number) => readonly string[],
  ) {
    const curve = (): CurvePlot => {
      const plot = frame.plot();
      const made = new CurvePlot(plot, (step) => this.point(step));
      new Lens(made.element, plot, (x) => {
        const step = made.stepAt(x);
        return step === undefined || this.steps.length === 0 ? undefined : { lines: this.linesOf(nearestIndex(this.steps, step)) };
      });
      return made;
    };
    this.curves = [curve(), curve(), curve()];
  }

  /** The curves were drawn over these steps. */
  drawn(steps: Float64Array): void {
    this.steps = steps;
    if (this.cursor === undefined) this.point(undefined);
  }

  /** Moves the crosshair by entries, or to an end. */
  move(by: number | 'first' | 'last'): void {
    const { steps } = this;
    if (steps.length === 0) return;
    const last = steps.length - 1;
    const from = this.cursor === undefined ? last : nearestIndex(steps, this.cursor);
    this.point(steps[by === 'first' ? 0 : by === 'last' ? last : Math.min(last, Math.max(0, from + by))]);
  }

  private point(step: number | undefined): void {
    this.cursor = step;
    for (const curve of this.curves) curve.point(step);
    if (this.steps.length === 0) return;
    const [first = '', ...numbers] = this.linesOf(step === undefined ? this.steps.length - 1 : nearestIndex(this.steps, step));
    this.words.textContent = `${first}: ${numbers.join(', ')}`;
  }
}

/** Rows of a table over training steps at most. */
const mostRows = 500;

/** Entries of a long training that its table shows, and how the caption says that some are left out. */
export function tableSteps(steps: Float64Array): { readonly indices: readonly number[]; readonly note: string } {
  const every = Math.max(1, Math.ceil(steps.length / mostRows));
  return { indices: Array.from(steps.keys()).filter((index) => index % every === 0 || index === steps.length - 1), note: every === 1 ? '' : `, every ${every} steps` };
}
