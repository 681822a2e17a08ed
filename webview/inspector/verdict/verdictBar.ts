import type { Diagnosis, DiagnosisProgress, Fix } from '../../../src/shared/diagnosis';
import type { Checkpoint, DiagnosisView, HostService } from '../../../src/shared/inspectorProtocol';
import { AbortError, type Remote } from '../../../src/shared/rpc';
import { triedText } from '../../../src/diagnosis/tryVerdict';
import { formatCount } from '../../format';
import { Plot } from '../../plots/plot';
import type { Theme } from '../../theme';
import { tableElement, type DataTable } from '../../ui/dataTable';
import { element, icon } from '../../ui/dom';
import { Lens } from '../../ui/lens';
import { button } from '../../ui/toolkit';
import { chartHeight, drawVerdictChart, verdictAt } from './verdictChart';
import { confidenceText, progressText, typeset, verdictNames, verdictTitle } from './verdictText';

/** Weights that can be diagnosed. */
export interface DiagnosedWeights {
  /** The run's folder; absent: the weights that the spec begins with. */
  readonly run?: string;
  readonly checkpoint: Checkpoint;
}

/** What the line asks of the panel. */
export interface VerdictHooks {
  /** Keeps on the page the run that edits are tried for, while newer ones train. */
  keepRun(): void;
  /** Another diagnosis is known, or none. */
  changed(): void;
}

type State =
  | { readonly kind: 'none'; readonly words?: string }
  | { readonly kind: 'asking'; readonly of: DiagnosedWeights; readonly cancel: AbortController; readonly progress?: DiagnosisProgress }
  | { readonly kind: 'known'; readonly view: DiagnosisView; readonly of: DiagnosedWeights }
  | { readonly kind: 'failed'; readonly reason: string };

/** Why the gradient vanishes, or that it need not worry: the line above the figures, with its evidence and what to change. */
export class VerdictBar {
  readonly element = element('section', { class: 'verdict', attributes: { 'aria-label': 'Diagnosis' } });
  private readonly plot = new Plot();
  private state: State = { kind: 'none' };
  private shown: DiagnosedWeights | undefined;
  private theme?: Theme;
  private tables: 'shown' | 'hidden' = 'hidden';
  /** Whether the edits behind the first one are open: they stay so when the line is drawn anew. */
  private others: 'shown' | 'hidden' = 'hidden';
  /** Weights whose earlier diagnosis was asked for. */
  private asked = '';

  constructor(
    private readonly host: Remote<HostService>,
    private readonly hooks: VerdictHooks,
  ) {}

  /** What is shown now; a verdict on other weights says so by going away. */
  draw(theme: Theme, shown: DiagnosedWeights | undefined): void {
    const other = this.state.kind === 'known' && (shown?.run !== this.state.of.run || (typeof shown?.checkpoint === 'number' && shown.checkpoint !== this.state.of.checkpoint));
    if (other) this.state = { kind: 'none' };
    const changed = other || theme !== this.theme || (shown === undefined) !== (this.shown === undefined);
    this.shown = shown;
    this.theme = theme;
    this.element.hidden = shown === undefined;
    if (this.state.kind === 'none' && shown && JSON.stringify(shown) !== this.asked) void this.recall(shown);
    if (changed) this.render();
  }

  /** The lag that the data want, where a diagnosis of what is shown found one. */
  get wantedLag(): number | undefined {
    return this.state.kind === 'known' ? (this.state.view.diagnosis.wantedLag ?? undefined) : undefined;
  }

  /** Shows again what was found out before this page was hidden, or another run looked at. */
  private async recall(shown: DiagnosedWeights): Promise<void> {
    this.asked = JSON.stringify(shown);
    const view = await this.host.call('diagnosed', shown).catch(() => null);
    if (view && this.state.kind === 'none' && JSON.stringify(this.shown) === this.asked) this.set({ kind: 'known', view, of: shown });
  }

  /** Diagnoses what is shown, unless it is being diagnosed; a diagnosis of other weights gives way. */
  async diagnose(): Promise<void> {
    const { shown, state } = this;
    if (!shown) return;
    if (state.kind === 'asking') {
      if (JSON.stringify(state.of) === JSON.stringify(shown)) return;
      state.cancel.abort();
    }
    const cancel = new AbortController();
    const conclude = (end: State): void => {
      if (this.state.kind === 'asking' && this.state.cancel === cancel) this.set(end);
    };
    this.set({ kind: 'asking', of: shown, cancel });
    try {
      conclude({ kind: 'known', view: await this.host.call('diagnose', shown, { signal: cancel.signal }), of: shown });
    } catch (error) {
      conclude(cancel.signal.aborted || error instanceof AbortError ? { kind: 'none', words: 'The diagnosis was cancelled.' } : { kind: 'failed', reason: (error as Error).message });
    }
  }

  /** The host tells how far it is. */
  progress(progress: DiagnosisProgress): void {
    if (this.state.kind !== 'asking') return;
    this.state = { ...this.state, progress };
    const words = this.element.querySelector('.verdict-progress');
    if (words) words.textContent = progressText(progress);
  }

  private set(state: State): void {
    this.state = state;
    this.render();
    this.hooks.changed();
  }

  private render(): void {
    const { state } = this;
    this.element.dataset['verdict'] = state.kind === 'known' ? state.view.diagnosis.verdict : state.kind;
    if (state.kind === 'known') return this.renderVerdict(state.view);
    if (state.kind === 'asking') {
      const words = state.progress ? progressText(state.progress) : 'Diagnosing …';
      this.element.replaceChildren(element('div', { class: 'verdict-line', children: [element('span', { class: 'verdict-progress', text: words, attributes: { role: 'status' } }), button('Cancel', () => state.cancel.abort())] }));
      return;
    }
    const words = state.kind === 'failed' ? state.reason : (state.words ?? 'Does the data hold anything to remember, can these weights carry it, and does the model use it?');
    const diagnose = button('Diagnose memory', () => void this.diagnose());
    this.element.replaceChildren(element('div', { class: 'verdict-line', children: [diagnose, element('span', { class: 'note', text: words, attributes: state.kind === 'failed' ? { role: 'alert' } : { role: 'status' } })] }));
  }

  private renderVerdict({ diagnosis, tried }: DiagnosisView): void {
    const { tone } = verdictNames[diagnosis.verdict];
    const heading = element('h2', { class: `verdict-title ${tone}`, children: [icon(tone === 'good' ? 'good' : 'warning'), verdictTitle(diagnosis)] });
    const facts = [confidenceText(diagnosis), ...(diagnosis.trueLag === null ? [] : [`true lag ${diagnosis.trueLag}`]), `${formatCount(diagnosis.sequences)} held-out sequences`].join(' · ');
    const words = element('div', {
      class: 'verdict-words',
      children: [
        heading,
        element('p', { text: typeset(diagnosis.sentence), attributes: { role: 'status' } }),
        ...(diagnosis.decides === null ? [] : [element('p', { text: `What would decide it: ${typeset(diagnosis.decides)}` })]),
        element('p', { class: 'note', text: facts }),
        ...diagnosis.notes.map((note) => element('p', { class: 'note', text: typeset(note) })),
        ...(diagnosis.fixes.length > 0 ? [this.fixes(diagnosis.fixes)] : []),
        ...tried.map((each) => element('p', { class: 'note', text: `Tried: ${triedText(each)}.` })),
        element('div', { class: 'verdict-line', children: [button('Diagnose again', () => void this.diagnose()), button(this.tables === 'shown' ? 'Hide the numbers' : 'Show the numbers', () => this.toggleTables())] }),
      ],
    });
    const chart = element('div', { class: 'verdict-chart', attributes: { role: 'img', 'aria-label': chartName(diagnosis) }, children: [this.plot.element] });
    this.element.replaceChildren(element('div', { class: 'verdict-body', children: [words, chart] }), ...(this.tables === 'shown' ? [tableElement(tableOf(diagnosis))] : []));
    new Lens(chart, this.plot, (x) => verdictAt(diagnosis, this.plot.width, x));
    const width = Math.min(440, Math.max(240, chart.clientWidth || 360));
    const { theme } = this;
    if (theme) this.plot.draw(width, chartHeight, (surface) => drawVerdictChart(surface, theme, diagnosis, width));
  }

  /** The edit with most evidence, and the others behind a line that opens. */
  private fixes(fixes: readonly Fix[]): HTMLElement {
    const [first, ...others] = fixes.map((fix, index) => this.fix(fix, index === 0 ? 'primary' : 'secondary'));
    const list = (items: readonly HTMLElement[]): HTMLElement => element('ul', { class: 'verdict-fixes', children: items });
    return element('div', { children: [...(first ? [list([first])] : []), ...(others.length > 0 ? [this.more(others.length, list(others))] : [])] });
  }

  private more(count: number, edits: HTMLElement): HTMLElement {
    const details: HTMLDetailsElement = element('details', {
      class: 'verdict-more',
      children: [element('summary', { text: count === 1 ? '1 more edit' : `${count} more edits` }), edits],
      on: { toggle: () => (this.others = details.open ? 'shown' : 'hidden') },
    });
    details.open = this.others === 'shown';
    return details;
  }

  private fix(fix: Fix, appearance: 'primary' | 'secondary'): HTMLElement {
    return element('li', {
      children: [
        button(`Try: ${fix.title}`, () => void this.tryFix(fix), appearance),
        button('Preview', () => this.host.notify('previewFix', fix)),
        element('span', { class: 'note', text: typeset(fix.reason) }),
      ],
    });
  }

  /** Lets the edit be tried; the verdict stays, and tells what came of it. */
  private async tryFix(fix: Fix): Promise<void> {
    const { state } = this;
    if (state.kind !== 'known') return;
    this.hooks.keepRun();
    const { run } = state.of;
    const tried = await this.host.call('tryFix', { ...(run === undefined ? {} : { run }), fix }).catch(() => undefined); // the workbench has told why
    if (this.state.kind !== 'known' || this.state.view.diagnosis !== state.view.diagnosis || !tried) return;
    this.set({ ...this.state, view: { ...this.state.view, tried } });
  }

  private toggleTables(): void {
    this.tables = this.tables === 'shown' ? 'hidden' : 'shown';
    this.render();
  }
}

function chartName({ wantedLag }: Diagnosis): string {
  return `Carry, demand and use by lag${wantedLag === null ? '' : `; the data want lag ${wantedLag}`}`;
}

function tableOf({ lags, carry, demand, demandLow, demandHigh, missing, use, useLow, useHigh, flow }: Diagnosis): DataTable {
  return {
    caption: 'Carry, demand and use by lag; demand and use as shares of the constant answer’s loss, with 95 % intervals',
    columns: ['lag', 'carry', 'demand', 'from', 'to', 'missing', 'use', 'from', 'to', 'flow'],
    rows: lags.map((lag, i) => [String(lag), ...[carry, demand, demandLow, demandHigh, missing, use, useLow, useHigh, flow].map((column) => column[i] ?? Number.NaN)]),
  };
}
