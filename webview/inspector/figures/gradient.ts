import { visibleToken } from '../../plots/tokenModel';
import { formatExact } from '../../format';
import { columnAt, plotRight } from '../../plots/timeAxis';
import { choice } from '../../ui/choices';
import type { DataTable } from '../../ui/dataTable';
import { element } from '../../ui/dom';
import { FigureFrame } from '../../ui/figure';
import { Lens, type LensReading } from '../../ui/lens';
import { areaKey, lineKey, type LegendEntry } from '../../ui/legend';
import type { BatchTrace } from '../batches';
import type { spreadRows } from '../../../src/shared/tensorView';
import type { FigureHooks, Scene, TimeFigure } from '../scene';
import { drawAll, drawOne, gradientCurves, ribbonFills, type GradientCurve, type GradientLines } from './gradientPanels';

/** Names of the figure's choices in `ViewState.options`. */
const ribbonOption = 'gradient.ribbon';
const lineOption = 'gradient.lines';

/** How much the loss would change with each step's state: of all tokens, and of the pinned one alone. */
export class GradientFigure implements TimeFigure {
  readonly frame: FigureFrame;
  private readonly plot;
  private readonly ribbon;
  private readonly lines;
  private scene?: Scene;

  constructor(hooks: FigureHooks) {
    this.frame = new FigureFrame(
      {
        name: 'Gradient flow',
        howTo: [
          { lead: '', text: 'Each point is how much the loss would change if the hidden state h (blue) or the cell state c (yellow) at that step changed a little.' },
          { lead: 'Top:', text: 'mean loss of all tokens. Solid is the total gradient; dashed is the part that enters at this step only, from above. The gap between them is what the recurrence brings back from later steps.' },
          { lead: 'Bottom:', text: 'loss of the clicked token alone. A straight line falling away from it is vanishing (rising: exploding): each step back multiplies by the same Jacobian, so the norm falls by the same factor; its slope is decades per step. Points under the dotted line are lost when float32 adds them up.' },
          { lead: 'The ribbon', text: 'is the same over held-out sequences that are as long: the dotted line their median, the inner band 80 % of them, the outer band all. Where it is narrow, what you see belongs to the network; where it is wide, to the text.' },
        ],
      },
      { tables: () => this.tables(), changed: () => hooks.changed() },
    );
    this.plot = this.frame.plot();
    this.ribbon = choice('Ribbon', (value) => hooks.choose(ribbonOption, value));
    this.lines = choice('Lines', (value) => hooks.choose(lineOption, value));
    this.frame.choices.append(this.lines.element, this.ribbon.element);
    const room = element('div', { class: 'plot', children: [this.plot.element] });
    this.frame.body.append(room);
    new Lens(room, this.plot, (x) => this.normsAt(x));
  }

  draw(scene: Scene): void {
    this.scene = scene;
    const { theme, axis, layer, pinned, narrow, batches, summary } = scene;
    const offered = gradientCurves.filter(({ name }) => layer.has(name));
    const focus = offered.find(({ name }) => name === (scene.view.options[ribbonOption] ?? 'grad.h'));
    const { batch, problem } = focus ? batches.of('all') : {};
    const one = focus && pinned !== undefined ? batches.of(pinned).batch : undefined;
    const line = scene.view.options[lineOption] === 'median' ? 'median' : 'text';
    this.lines.update([{ value: 'text', label: 'this text' }, { value: 'median', label: 'median of the batch' }], line);
    this.ribbon.update([...offered.map(({ name, label }) => ({ value: name, label })), { value: 'none', label: 'none' }], focus?.name ?? 'none');

    const direction = layer.reading === 'reverse' ? ', reverse' : '';
    this.frame.setNote(`layer ${layer.index}${direction}: how much the loss would change with the state at each step; L2 norm, absolute log scale${batchNote(batch, problem, summary.step)}`);
    this.frame.setLegend(theme, lineKey('‖∂L/∂h‖', theme.hidden), ...(layer.has('grad.c') ? [lineKey('‖∂L/∂c‖', theme.cell)] : []), lineKey('partial', theme.muted, 'dashed'), ...(batch && focus ? ribbonKeys(scene, focus, batch) : []));

    const upper = { top: 6, height: narrow === 'narrow' ? 84 : 96 };
    const lower = { top: upper.top + upper.height + 18, height: narrow === 'narrow' ? 120 : 132 };
    const shown = linesOf(scene, batch, focus, line);
    const total = focus && gradientCurves.find(({ of, look }) => of === focus.of && look === 'solid');
    const spread = total && one?.spread(layer.full(total.name));
    const row = pinned === undefined ? undefined : layer.flowRow(pinned);
    this.plot.draw(plotRight(axis) + axis.margin, lower.top + lower.height + 8, (surface) => {
      drawAll(surface, scene, upper, shown);
      drawOne(surface, scene, lower, { row, line, batch: one && total && spread ? { trace: one, curve: total, spread } : undefined });
    });
  }

  /** Exact norms of a step, of this text and over the batch. */
  private normsAt(x: number): LensReading | undefined {
    const { scene } = this;
    const step = scene && columnAt(scene.axis, x);
    if (!scene || step === undefined || step >= scene.layer.steps) return undefined;
    const { layer, pinned, batches } = scene;
    const { batch } = batches.of('all');
    const lines = gradientCurves.flatMap(({ name, label }) => {
      if (!layer.has(name)) return [];
      const spread = batch?.spread(layer.full(name));
      const over = spread ? `; batch ${formatExact(spread.median[step])} (${formatExact(spread.minimum[step])} to ${formatExact(spread.maximum[step])})` : '';
      return [`${label} ${formatExact(layer.norm(name)?.[step])}${over}`];
    });
    const one = pinned !== undefined && layer.reaches(pinned, step) === 'yes' ? [`of the loss of step ${pinned} alone: ‖∂ℓ/∂h‖ ${formatExact(layer.flowRow(pinned)?.[step])}`] : [];
    return { lines: [`step ${step}`, ...lines, ...one] };
  }

  private tables(): readonly DataTable[] {
    const { scene } = this;
    if (!scene) return [];
    const { layer, columns, pinned, batches } = scene;
    // What is still on its way has its column already: a table keeps its columns while numbers come in.
    const shown = gradientCurves.flatMap(({ name, label }) => (layer.has(name) ? [{ label, norm: layer.norm(name) }] : []));
    const row = pinned === undefined ? undefined : layer.flowRow(pinned);
    const reaches = (t: number): boolean => pinned !== undefined && layer.reaches(pinned, t) === 'yes';
    const { batch } = batches.of('all');
    return [
      {
        caption: `Gradient norms at each step, layer ${layer.index}`,
        columns: ['step', 'token', ...shown.map(({ label }) => label), ...(pinned === undefined ? [] : [`‖∂ℓ${pinned}/∂h‖`])],
        rows: Array.from({ length: columns.steps }, (_, t) => [
          String(t),
          visibleToken(columns.tokens[t] ?? ''),
          ...shown.map(({ norm }) => norm?.[t] ?? Number.NaN),
          ...(pinned === undefined ? [] : [row && reaches(t) ? (row[t] ?? Number.NaN) : Number.NaN]),
        ]),
      },
      ...(batch ? [batchTable(scene, batch)] : []),
    ];
  }
}

const tabled = ['minimum', 'low', 'median', 'high', 'maximum'] as const satisfies readonly (typeof spreadRows)[number][];
const tabledNames = ['min', '10 %', 'median', '90 %', 'max'];

function batchTable({ layer, columns }: Scene, batch: BatchTrace): DataTable {
  const spreads = gradientCurves.flatMap(({ name, label }) => {
    return layer.has(name) ? [{ label, spread: batch.spread(layer.full(name)) }] : [];
  });
  return {
    caption: `Gradient norms over ${batch.sequences} held-out sequences, layer ${layer.index}, weights of step ${batch.step}`,
    columns: ['step', ...spreads.flatMap(({ label }) => tabledNames.map((name) => `${label} ${name}`))],
    rows: Array.from({ length: columns.steps }, (_, t) => [String(t), ...spreads.flatMap(({ spread }) => tabled.map((part) => spread?.[part][t] ?? Number.NaN))]),
  };
}

/** The lines of the upper panel, of this text or of the median sequence, with the ribbon of the chosen one. */
function linesOf({ layer }: Scene, batch: BatchTrace | undefined, focus: GradientCurve | undefined, line: 'text' | 'median'): GradientLines {
  const spread = focus && batch?.spread(layer.full(focus.name));
  const lines = gradientCurves.flatMap((curve) => {
    if (!layer.has(curve.name)) return [];
    const norms = (line === 'median' ? batch?.spread(layer.full(curve.name))?.median : undefined) ?? layer.norm(curve.name);
    return norms ? [{ curve, norms }] : [];
  });
  return { lines, ...(focus && spread ? { ribbon: { curve: focus, spread, median: line === 'median' ? 'left-out' : 'drawn' } } : {}) };
}

function ribbonKeys({ theme, narrow }: Scene, { of, label }: GradientCurve, { sequences }: BatchTrace): readonly LegendEntry[] {
  const [outer, inner] = ribbonFills(theme, of);
  return [areaKey('10–90 %', [outer, inner], 'transparent'), areaKey(narrow === 'narrow' ? `min–max of ${sequences}` : `min–max of ${label}, ${sequences} sequences`, [outer], 'transparent')];
}

function batchNote(batch: BatchTrace | undefined, problem: string | undefined, step: number): string {
  if (problem !== undefined) return `; no ribbon: ${problem}`;
  return batch ? `; ribbon: ${batch.sequences} held-out sequences as long${batch.step === step ? '' : `, weights of step ${batch.step}`}` : '';
}
