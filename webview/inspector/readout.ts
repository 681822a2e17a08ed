import type { Prediction } from '../../src/shared/run';
import { formatFixed, formatNumber, formatPercent } from '../format';
import type { Numbers } from '../plots/numbers';
import { visibleToken } from '../plots/tokenModel';
import { element } from '../ui/dom';
import type { PickedUnit, Scene } from './scene';
import { spreadOf, tracksOf } from './tracks';

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
  /** What stands there: panning and zooming leave it as it is. */
  private said = '';

  constructor() {
    const header = element('header', { class: 'figure-header', children: [this.title, this.reads] });
    this.element = element('section', { class: 'readout', attributes: { 'aria-label': 'Readout' }, children: [header, this.bars, this.values, this.spoken] });
  }

  show(scene: Scene, pointed: Pointed): void {
    const { columns } = scene;
    const { column } = pointed;
    const token = readAt(scene, column);
    const answer = answerAt(scene, column);
    this.title.textContent = `Step ${column}${scene.others.length > 0 ? ` · weights of step ${scene.summary.step.toLocaleString('en-US')}` : ''}`;
    this.reads.textContent = column >= columns.steps ? `${token} was predicted, not read` : `reads ${token}${answer === '' ? '' : `, ${columns.answer === 'next' ? 'next is' : 'the answer is'} ${quoted(answer)}`}`;
    const entries = [...stepEntries(scene, column), ...pointedEntries(scene, pointed)];
    // On an encoder's steps nothing is predicted.
    const predictions = scene.layer.reached === 'later' ? (scene.summary.predictions[column] ?? []).slice(0, 3) : [];
    const said = [this.title.textContent, this.reads.textContent, ...entries.flat(), ...predictions.flatMap(({ token, probability }) => [token, probability])].join('\n');
    if (said === this.said) return;
    this.said = said;
    this.showPredictions(predictions, answer);
    this.values.replaceChildren(...entries.map(([term, value]) => element('div', { children: [element('dt', { text: term }), element('dd', { text: value })] })));
    this.speak(`Step ${column} ${this.reads.textContent}. ${entries
        .filter(([, value]) => value !== '—')
        .map(([term, value]) => `${term} ${value}`)
        .join(', ')}`);
  }

  private showPredictions(predictions: readonly Prediction[], answer: string): void {
    this.bars.replaceChildren(
      ...predictions.map(({ token, probability }) => {
        const bar = element('span', { class: 'bar' });
        bar.style.setProperty('transform', `scaleX(${Number.isFinite(probability) ? probability : 0})`);
        const right = token === answer;
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

/** What is read at a column, with the names of its values where it has some. */
function readAt({ columns, summary }: Scene, column: number): string {
  const { values } = summary;
  const read = columns.tokens[column];
  if (!values || read === undefined) return quoted(read);
  const numbers = read.split(' · ');
  return numbers.length === values.inputs.length ? numbers.map((number, place) => `${values.inputs[place] ?? ''} ${number}`).join(', ') : read;
}

type Entry = readonly [term: string, value: string];

/** The right answer to what step t predicts; empty where there is none. */
function answerAt({ summary, columns, layer }: Scene, column: number): string {
  return layer.reached === 'later' && column < columns.steps ? (summary.targets[column] ?? '') : '';
}

/** Numbers of a step. Every step has the same entries, so that nothing below moves while the pointer does. */
function stepEntries(scene: Scene, column: number): Entry[] {
  const { layer, view, summary } = scene;
  const answer = answerAt(scene, column);
  const loss = layer.reached === 'later' ? (summary.losses[column] ?? undefined) : undefined;
  const at = (values: Numbers | undefined): number | undefined => values?.[column];
  const tokens = summary.values === undefined;
  return [
    ...(tokens ? [[`p(${answer === '' ? 'answer' : quoted(answer)})`, formatPercent(loss === undefined ? undefined : Math.exp(-loss))] as const] : [['answers', summary.values?.answers[column] ?? '—'] as const]),
    tokens ? ['surprisal', loss === undefined ? '—' : `${formatFixed(loss, 2)} nats`] : ['squared error', formatNumber(loss)],
    ['‖∂L/∂h‖', formatNumber(at(layer.norm('grad.h')))],
    ...(layer.has('grad.c') ? [['‖∂L/∂c‖', formatNumber(at(layer.norm('grad.c')))] as const] : []),
    ...tracksOf(layer, view).map((track): Entry => (track.name.startsWith('gate.') ? [`mean ${track.label}`, formatFixed(at(spreadOf(layer, track)?.mean), 2)] : [`‖${track.name}‖`, formatNumber(at(layer.norm(track.name)))])),
  ];
}

/** Numbers of what else is pointed at: a row of the flow matrix (or the pinned one), a unit of a heatmap. */
function pointedEntries({ layer, pinned, view, columns }: Scene, { column, row = pinned, unit }: Pointed): Entry[] {
  const flow = row === undefined ? undefined : layer.flowRow(row);
  const inside = row !== undefined && column < columns.steps && layer.reaches(row, column) === 'yes';
  const track = tracksOf(layer, view).find(({ name }) => name === unit?.track);
  const value = unit && column < columns.steps ? layer.value(unit.track, column, unit.unit) : undefined;
  return [
    [row === undefined ? '‖∂ℓ/∂h‖' : `‖∂ℓ${subscript(row)}/∂h${subscript(column)}‖`, flow && inside ? formatNumber(flow[column]) : '—'],
    unit ? [`${track?.label ?? unit.track}, unit ${unit.unit}`, value === undefined ? '—' : formatFixed(track?.shown ? track.shown(value) : value, 3)] : ['one unit', '—'],
  ];
}

function quoted(token: string | undefined): string {
  return token === undefined ? '' : `‘${visibleToken(token)}’`;
}

const lowered = '₀₁₂₃₄₅₆₇₈₉';

function subscript(index: number): string {
  return [...String(index)].map((digit) => lowered[Number(digit)]).join('');
}
