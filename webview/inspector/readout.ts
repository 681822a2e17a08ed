import { formatFixed, formatNumber, formatPercent } from '../format';
import { valueAt } from '../plots/numbers';
import { visibleToken } from '../plots/tokenModel';
import { element } from '../ui/dom';
import type { PickedUnit, Scene } from './scene';
import { tracksOf } from './tracks';

/** What the crosshair points at. */
export interface Pointed {
  /** Column of the time axis. */
  readonly column: number;
  /** Row of the flow matrix. */
  readonly row?: number;
  readonly unit?: PickedUnit;
}

/** How long the crosshair must rest before a screen reader is told. */
const restMilliseconds = 250;

/** Exact numbers of the step under the crosshair, at one fixed place: a tooltip would cover the data. */
export class Readout {
  readonly element: HTMLElement;
  private readonly title = element('h2');
  private readonly reads = element('span', { class: 'note' });
  private readonly bars = element('div', { class: 'predictions' });
  private readonly values = element('dl', { class: 'values' });
  private readonly spoken = element('p', { class: 'visually-hidden', attributes: { role: 'status', 'aria-live': 'polite' } });
  private timer?: ReturnType<typeof setTimeout>;

  constructor() {
    const header = element('header', { class: 'figure-header', children: [element('div', { class: 'figure-title', children: [this.title, this.reads] })] });
    this.element = element('section', { class: 'readout', attributes: { 'aria-label': 'Readout' }, children: [header, this.bars, this.values, this.spoken] });
  }

  show(scene: Scene, pointed: Pointed): void {
    const { columns, layer } = scene;
    const { column } = pointed;
    const token = quoted(columns.tokens[column]);
    const read = column < columns.steps;
    const next = columns.tokens[column + 1];
    this.title.textContent = `Step ${column}`;
    this.reads.textContent = !read ? `${token} was predicted, not read` : `reads ${token}${next === undefined ? '' : `, next is ${quoted(next)}`}`;
    this.showPredictions(scene, column, next);
    const entries: [string, string][] = [];
    if (read) {
      const loss = columns.surprisal[column + 1];
      if (loss !== undefined) entries.push([`p(${quoted(next)})`, formatPercent(Math.exp(-loss))], ['surprisal', `${formatFixed(loss, 2)} nats`]);
      entries.push(['‖∂L/∂h‖', formatNumber(layer.norm('grad.h')?.[column])]);
      if (layer.get('grad.c')) entries.push(['‖∂L/∂c‖', formatNumber(layer.norm('grad.c')?.[column])]);
      for (const { name, label, kind } of tracksOf(layer)) {
        if (kind === 'gate' || name.startsWith('gate.')) entries.push([`mean ${label}`, formatFixed(layer.mean(name)?.[column], 2)]);
        else entries.push([`‖${name}‖`, formatNumber(layer.norm(name)?.[column])]);
      }
    }
    const flow = layer.get('flow');
    const row = pointed.row ?? scene.pinned;
    if (flow && row !== undefined && read) {
      const inside = layer.reading === 'forward' ? column <= row : column >= row;
      entries.push([`‖∂ℓ${subscript(row)}/∂h${subscript(column)}‖`, inside ? formatNumber(valueAt(flow, row, column)) : '—']);
    }
    const { unit } = pointed;
    const series = unit ? layer.get(unit.track) : undefined;
    if (unit && series) entries.push([`${tracksOf(layer).find(({ name }) => name === unit.track)?.label ?? unit.track}, unit ${unit.unit}`, formatFixed(valueAt(series, column, unit.unit), 3)]);
    this.values.replaceChildren(...entries.map(([term, value]) => element('div', { children: [element('dt', { text: term }), element('dd', { text: value })] })));
    this.speak(`Step ${column} ${this.reads.textContent}. ${entries.map(([term, value]) => `${term} ${value}`).join(', ')}`);
  }

  private showPredictions(scene: Scene, column: number, next: string | undefined): void {
    const predictions = scene.summary.predictions[column] ?? [];
    this.bars.replaceChildren(
      ...predictions.slice(0, 3).map(({ token, probability }) => {
        const bar = element('span', { class: 'bar' });
        bar.style.setProperty('transform', `scaleX(${Number.isFinite(probability) ? probability : 0})`);
        const right = token === next;
        return element('div', {
          class: right ? 'prediction right' : 'prediction',
          attributes: { title: right ? 'the right answer' : 'predicted' },
          children: [element('span', { class: 'token', text: visibleToken(token) }), element('span', { class: 'bar-room', children: [bar] }), element('span', { class: 'share', text: formatPercent(probability) })],
        });
      }),
    );
  }

  private speak(sentence: string): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.spoken.textContent = sentence), restMilliseconds);
  }
}

function quoted(token: string | undefined): string {
  return token === undefined ? '' : `‘${visibleToken(token)}’`;
}

const lowered = '₀₁₂₃₄₅₆₇₈₉';

function subscript(index: number): string {
  return [...String(index)].map((digit) => lowered[Number(digit)]).join('');
}
