import { formatCount, formatExact, formatPercent } from '../../format';
import { clippingSummary, clippingVerdict, clippingWindow } from '../../plots/clippingModel';
import type { CurveLine } from '../../plots/curvePlot';
import { barOf } from '../../plots/shareBars';
import type { DataTable } from '../../ui/dataTable';
import { element } from '../../ui/dom';
import { FigureFrame } from '../../ui/figure';
import { lineKey } from '../../ui/legend';
import type { FigureHooks, SideFigure, SideScene } from '../scene';
import { StepCurves, tableSteps } from './stepCurves';

/** The norm of the whole gradient before and after clipping, how often clipping engages, and what it is for. */
export class ClippingFigure implements SideFigure {
  readonly of = 'run';
  readonly frame: FigureFrame;
  private readonly verdict = element('p', { class: 'sentence' });
  private readonly dominant = element('p', { class: 'note' });
  private readonly curves: StepCurves;
  private scene?: SideScene;

  constructor(hooks: FigureHooks) {
    this.frame = new FigureFrame(
      {
        name: 'Clipping',
        howTo: [
          { lead: '', text: 'The norm ‖∇θ‖ of the gradient over all parameters together, at each training step: as it came out of backpropagation, and as the optimizer got it.' },
          { lead: 'A safety net', text: 'catches the rare exploding step and lets the others pass. Clipping by norm keeps the direction and shortens the step.' },
          { lead: 'A step-size limiter', text: 'clips nearly every step: then the threshold, not the gradient, decides how far the parameters move.' },
          { lead: 'Clipping by value', text: 'cuts each component by itself and so turns the direction; the angle says by how much.' },
        ],
      },
      { tables: () => this.tables(), changed: () => hooks.changed() },
    );
    this.curves = new StepCurves(this.frame, (index) => this.linesOf(index));
    this.frame.body.append(this.verdict, ...this.curves.curves.map(({ element: each }) => each), this.dominant, this.curves.words);
  }

  draw(scene: SideScene): void {
    this.scene = scene;
    const { theme, metrics, width } = scene;
    const { columns, clip } = metrics;
    const { step, gradNorm, normAfter, clipped, clipAngle } = columns;
    const summary = clippingSummary(columns);
    const { kind, lead, text } = clippingVerdict(summary, clip);
    this.frame.setNote('norm of ∇θ');
    this.frame.setLegend(theme, lineKey('before', theme.hidden), ...(clip && normAfter ? [lineKey('after', theme.cell)] : []));
    this.verdict.replaceChildren(element('strong', { text: lead }), ` ${text}`);
    this.verdict.dataset['kind'] = kind;
    const [norm, share, angle] = this.curves.curves;
    const shared = { theme, width, step, ...(scene.trace ? { marked: scene.trace.summary.step } : {}) };
    const lines: CurveLine[] = [{ values: gradNorm, color: theme.hidden, look: 'range' }];
    if (clip && normAfter) lines.push({ values: normAfter, color: theme.cell, look: 'line' });
    norm.draw({ ...shared, height: 130, scale: 'log', lines, ...(clip?.kind === 'norm' ? { limit: { label: `clip ${clip.threshold}`, value: clip.threshold } } : {}) });
    share.element.hidden = !clip;
    if (clip) share.draw({ ...shared, height: 70, scale: 'share', label: 'share of steps clipped', lines: [], bars: { flags: clipped, color: theme.limit } });
    angle.element.hidden = clip?.kind !== 'value' || clipAngle === undefined;
    if (clip?.kind === 'value' && clipAngle) angle.draw({ ...shared, height: 70, scale: 'linear', label: 'degrees turned by clipping', lines: [{ values: clipAngle, color: theme.cell, look: 'line' }] });
    const { dominant } = summary;
    this.dominant.textContent = dominant ? `Most of ‖∇θ‖² comes from ${dominant.name}: ${formatPercent(dominant.share)} on average where it leads, over the last ${formatCount(Math.min(summary.steps, clippingWindow))} steps.` : '';
    this.curves.drawn(columns.step);
  }

  /** Moves the figure's own crosshair, over training steps. */
  moveColumn(by: number | 'first' | 'last'): void {
    this.curves.move(by);
  }

  private linesOf(index: number): readonly string[] {
    if (!this.scene) return [];
    const { columns, clip } = this.scene.metrics;
    const [after, angle, parameter] = [columns.normAfter?.[index], columns.clipAngle?.[index], columns.largestParameter?.[index]];
    const { first, last, count, share } = barOf(columns.clipped, index);
    const bar = first === last ? '' : `; ${count} of ${last - first + 1} in steps ${formatCount(columns.step[first] ?? 0)} to ${formatCount(columns.step[last] ?? 0)} (${formatPercent(share)})`;
    return [
      `step ${formatCount(columns.step[index] ?? 0)}`,
      `‖∇θ‖ ${formatExact(columns.gradNorm[index])}`,
      ...(clip && after !== undefined ? [`after ${formatExact(after)}`] : []),
      ...(clip ? [`${columns.clipped[index] === 1 ? 'clipped' : 'not clipped'}${bar}`] : []),
      ...(clip?.kind === 'value' && angle !== undefined ? [`turned by ${formatExact(angle)}°`] : []),
      ...(parameter ? [`largest ${parameter} (${formatPercent(columns.largestShare?.[index])} of ‖∇θ‖²)`] : []),
    ];
  }

  private tables(): readonly DataTable[] {
    const columns = this.scene?.metrics.columns;
    if (!columns) return [];
    const { indices, note } = tableSteps(columns.step);
    return [
      {
        caption: `Gradient norms${note}`,
        columns: ['step', 'before', 'after', 'clipped', 'degrees turned', 'largest parameter', 'its share of ‖∇θ‖²'],
        rows: indices.map((i) => [
          String(columns.step[i] ?? ''),
          columns.gradNorm[i] ?? Number.NaN,
          columns.normAfter?.[i] ?? Number.NaN,
          columns.clipped[i] === 1 ? 'yes' : 'no',
          columns.clipAngle?.[i] ?? Number.NaN,
          columns.largestParameter?.[i] ?? '',
          columns.largestShare?.[i] ?? Number.NaN,
        ]),
      },
    ];
  }
}
