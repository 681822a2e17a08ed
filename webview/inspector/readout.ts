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
    const header = element('header', { class: 'figure-header', children: [this.title, this.reads] });
    this.element = element('section', { class: 'readout', attributes: { 'aria-label': 'Readout' }, children: [header, this.bars, this.values, this.spoken] });
  }

  show(scene: Scene, pointed: Pointed): void {
    const { columns } = scene;
    const { column } = pointed;
    const token = quoted(columns.tokens[column]);
    const read = column < columns.steps;
    const next = columns.tokens[column + 1];
    this.title.textContent = `Step ${column}`;
    this.reads.textContent = !read ? `${token} was predicted, not read` : `reads ${token}${next === undefined ? '' : `, next is ${quoted(next)}`}`;
    this.showPredictions(scene, column, next);
    const entries = [...stepEntries(scene, column), ...pointedEntries(scene, pointed)];
    this.values.replaceChildren(...entries.map(([term, value]) => element('div', { children: [element('dt', { text: term }), element('dd', { text: value })] })));
    this.speak(`Step ${column} ${this.reads.textContent}. ${entries
        .filter(([, value]) => value !== '—')
        .map(([term, value]) => `${term} ${value}`)
        .join(', ')}`);
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

type Entry = readonly [term: string, value: string];

/** Numbers of a step. Every step has the same entries, so that nothing below moves while the pointer does. */
function stepEntries({ columns, layer }: Scene, column: number): Entry[] {
  const next = columns.tokens[column + 1];
  const loss = columns.surprisal[column + 1];
  const at = (values: Float64Array | undefined): number | undefined => values?.[column];
  return [
    [`p(${next === undefined ? 'next' : quoted(next)})`, formatPercent(loss === undefined ? undefined : Math.exp(-loss))],
    ['surprisal', loss === undefined ? '—' : `${formatFixed(loss, 2)} nats`],
    ['‖∂L/∂h‖', formatNumber(at(layer.norm('grad.h')))],
    ...(layer.get('grad.c') ? [['‖∂L/∂c‖', formatNumber(at(layer.norm('grad.c')))] as const] : []),
    ...tracksOf(layer).map(({ name, label }): Entry => (name.startsWith('gate.') ? [`mean ${label}`, formatFixed(at(layer.mean(name)), 2)] : [`‖${name}‖`, formatNumber(at(layer.norm(name)))])),
  ];
}

/** Numbers of what else is pointed at: a row of the flow matrix (or the pinned one), a unit of a heatmap. */
function pointedEntries({ layer, pinned }: Scene, { column, row = pinned, unit }: Pointed): Entry[] {
  const flow = layer.get('flow');
  const inside = row !== undefined && (layer.reading === 'forward' ? column <= row : column >= row);
  const series = unit && layer.get(unit.track);
  const label = tracksOf(layer).find(({ name }) => name === unit?.track)?.label;
  return [
    [row === undefined ? '‖∂ℓ/∂h‖' : `‖∂ℓ${subscript(row)}/∂h${subscript(column)}‖`, flow && inside ? formatNumber(valueAt(flow, row, column)) : '—'],
    unit && series ? [`${label ?? unit.track}, unit ${unit.unit}`, formatFixed(valueAt(series, column, unit.unit), 3)] : ['one unit', '—'],
  ];
}

function quoted(token: string | undefined): string {
  return token === undefined ? '' : `‘${visibleToken(token)}’`;
}

const lowered = '₀₁₂₃₄₅₆₇₈₉';

function subscript(index: number): string {
  return [...String(index)].map((digit) => lowered[Number(digit)]).join('');
}
