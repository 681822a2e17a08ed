import type { CompareHostService, ComparisonView, CompareViewService } from '../../src/shared/comparison';
import { connect, type Remote } from '../../src/shared/rpc';
import { hostTransport, type VsCodeApi } from '../inspector/client';
import { formatExact } from '../format';
import type { Plot } from '../plots/plot';
import { readTheme, watchTheme } from '../theme';
import { tableElement } from '../ui/dataTable';
import { element } from '../ui/dom';
import { FigureFrame, type FigureText } from '../ui/figure';
import { Lens, type LensReading } from '../ui/lens';
import { lineLabel, lineLook, lineSample } from './lines';
import { drawLines, linesAt, type Line } from './linesPlot';
import { lagReasons, lineOf, overviewTable, tablesOf, type FigureKind } from './model';

const plotHeight = 240;

const texts: Readonly<Record<FigureKind, FigureText>> = {
  step: {
    name: 'Loss by step',
    howTo: [
      { lead: '', text: 'Training loss after each update, as a moving average. Lower is better.' },
      { lead: 'Same step, lower line:', text: 'this model learns more from the same data.' },
    ],
  },
  seconds: {
    name: 'Loss by time',
    howTo: [
      { lead: '', text: 'The same losses over the seconds that the updates took; evaluations and waiting do not count.' },
      { lead: 'Same second, lower line:', text: 'this model gets further in the same time, because it learns more from each step or because its steps are fast.' },
    ],
  },
  lag: {
    name: 'Gradient by lag',
    howTo: [
      { lead: '', text: 'How strongly the loss at one position reaches the hidden state of the lowest layer so many steps earlier, as a share of lag 0, averaged over what was read. The scale is logarithmic.' },
      { lead: 'A line that falls fast:', text: 'the gradient vanishes, so what lies further back teaches the model nothing.' },
      { lead: 'Reach', text: 'in the table is the largest lag at which 1 % arrives.' },
    ],
  },
};

/** A line with the model that it is of. */
type NamedLine = Line & { readonly label: string };

interface Figure {
  readonly kind: FigureKind;
  readonly frame: FigureFrame;
  readonly plot: Plot;
  lines: readonly NamedLine[];
}

/** The page of a comparison: a table and three figures, renewed while runs train. */
export class ComparisonPage {
  private readonly headline = element('header', { class: 'headline' });
  private readonly table = element('div', { class: 'overview-table' });
  private readonly reasons = element('div', { class: 'reasons' });
  private readonly figures: readonly Figure[];
  private readonly host: Remote<CompareHostService>;
  private view?: ComparisonView;
  private asked?: AbortController;
  /** A run went on since the host was asked. */
  private stale: 'no' | 'yes' = 'no';

  constructor(
    private readonly root: HTMLElement,
    private readonly api: VsCodeApi,
  ) {
    const service: CompareViewService = { changed: ({ what }) => this.changed(what) };
    this.host = connect<CompareHostService>(hostTransport(api), service);
    this.figures = (['step', 'seconds', 'lag'] as const).map((kind) => {
      const frame = new FigureFrame(texts[kind], { tables: () => tablesOf(this.view?.models ?? [], kind), changed: () => this.draw() });
      const plot = frame.plot();
      const room = element('div', { class: 'curve', children: [plot.element] });
      const figure: Figure = { kind, frame, plot, lines: [] };
      new Lens(room, plot, (x) => readingAt(figure, x));
      frame.body.append(room);
      return figure;
    });
    const [step, seconds, lag] = this.figures.map(({ frame }) => frame.element);
    if (step && seconds && lag) root.append(this.headline, this.table, element('div', { class: 'pair', children: [step, seconds] }), lag, this.reasons);
    root.addEventListener('keydown', (event) => this.pressed(event));
  }

  start(): void {
    watchTheme(() => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.root);
    void this.ask();
  }

  /** Runs that go on do not take back what is asked: on a busy machine an answer may take longer than the next news. */
  private changed(what: 'progress' | 'target'): void {
    if (what === 'progress' && this.asked) this.stale = 'yes';
    else void this.ask();
  }

  private async ask(): Promise<void> {
    this.asked?.abort();
    const asked = new AbortController();
    this.asked = asked;
    this.stale = 'no';
    await this.answer(asked);
    if (this.asked !== asked) return;
    this.asked = undefined;
    if (this.isStale()) void this.ask();
  }

  private isStale(): boolean {
    return this.stale === 'yes';
  }

  private async answer(asked: AbortController): Promise<void> {
    try {
      this.view = await this.host.call('comparison', null, { signal: asked.signal });
      this.api.setState(this.view.target);
      this.draw();
    } catch (error) {
      if (asked.signal.aborted) return;
      this.headline.replaceChildren(element('h1', { text: 'The runs cannot be compared' }), element('p', { class: 'sentence', text: (error as Error).message, attributes: { role: 'alert' } }));
    }
  }

  private draw(): void {
    const { view } = this;
    if (!view) return;
    const { target, sentence, text, models } = view;
    const looks = models.map((_, index) => lineLook(index));
    const theme = readTheme();
    this.headline.replaceChildren(element('h1', { text: target.title }), ...(sentence === undefined ? [] : [element('p', { class: 'sentence', text: sentence, attributes: { role: 'status' } })]));

    this.table.replaceChildren(tableElement(overviewTable(models)));
    this.table.querySelectorAll('tbody tr td:first-child').forEach((cell, index) => {
      const look = looks[index];
      if (look) cell.prepend(lineSample(look));
    });

    const nats = models.every(({ lossKind }) => lossKind === 'tokens') ? ' in nats' : '';
    for (const figure of this.figures) {
      const { kind, frame, plot } = figure;
      const lines = models.flatMap((model, index): NamedLine[] => {
        const line = lineOf(model, kind);
        const look = looks[index];
        return line && look ? [{ ...line, look, label: model.label }] : [];
      });
      figure.lines = lines;
      frame.setNote(kind === 'lag' ? `share of lag 0, ${text === undefined ? 'on the first held-out samples of each' : `on “${shortened(text)}”`}` : `training loss${nats}, moving average`);
      frame.setLegend(theme, ...lines.map(({ label, look }) => lineLabel(label, look)));
      frame.refreshTables();
      const input = { theme, width: Math.max(200, frame.element.clientWidth), height: plotHeight, lines, scale: kind === 'lag' ? ('log' as const) : ('linear' as const), axis: axes[kind] };
      plot.draw(input.width, plotHeight, (surface) => drawLines(surface, input));
    }
    this.reasons.replaceChildren(...lagReasons(models).map((reason) => element('p', { text: reason })));
  }

  /** T shows a focused figure as a table, Esc closes its help. */
  private pressed(event: KeyboardEvent): void {
    const frame = event.target instanceof HTMLElement ? FigureFrame.of(event.target) : undefined;
    if (!frame || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 't' || event.key === 'T') frame.toggleTable();
    else if (event.key === 'Escape') frame.closeHowTo();
  }
}

const axes: Readonly<Record<FigureKind, string>> = { step: 'step', seconds: 'seconds of training', lag: 'lag (timesteps back)' };

/** What each line has under x, with the place on the axis where it differs from line to line. */
function readingAt({ kind, lines, plot }: Figure, x: number): LensReading | undefined {
  const found = linesAt(lines, plot.width, x);
  const word = { step: 'step', seconds: 'second', lag: 'lag' }[kind];
  return found && { lines: lines.flatMap(({ label }, index) => {
    const point = found[index];
    return point ? [`${label}, ${word} ${formatExact(point.x)}: ${formatExact(point.y)}`] : [];
  }) };
}

function shortened(text: string): string {
  const characters = [...text];
  return characters.length > 48 ? `${characters.slice(0, 47).join('')}…` : text;
}
