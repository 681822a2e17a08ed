import type { ColorMap } from '../../colorMaps';
import { formatNumber } from '../../format';
import { largestOf } from '../../plots/numbers';
import { fromZero, gradientDecades, powerOfTen, symmetric, type UnitScale } from '../../plots/scales';
import type { Scene } from '../scene';
import { mapOf, tracksOf, type Track } from '../tracks';
import { answerWords } from './answerWords';
import { trackScale } from './gateTrack';

/** Names of the figure's choices in `ViewState.options`. */
export const rowOption = 'tokens.row';
export const unitOption = 'tokens.unit';
export const scaleOption = 'tokens.scale';
export const valueOption = 'tokens.value';

/** Surprisal at and above which the colour no longer changes, in nats. */
const surprisalTop = 6;

/** The same for a squared error in standard deviations: what always answering the mean costs. */
const errorTop = 1;

/** Decades that a relative log scale spans below its largest number. */
const relativeDecades = 8;

/** One row of coloured text: a number for each column, and its colour scale. */
export interface TextRow {
  /** The choice that it is. */
  readonly kind: string;
  /** Left of the row, wide and narrow. */
  readonly label: string;
  readonly short: string;
  /** At the scale bar, wide and narrow. */
  readonly title: string;
  readonly shortTitle: string;
  readonly low: string;
  readonly high: string;
  readonly map: ColorMap;
  /** In words, and as the head of its column in the table; absent when it has no numbers. */
  readonly name: string;
  readonly head?: string;
  /** The unit that it shows. */
  readonly unit?: number;
  readonly value: (column: number) => number;
  readonly place: (column: number) => number;
}

/** What the lower row can show, in fewer words where there is little room. */
export function rowChoices({ layer, view, narrow }: Scene): readonly { readonly value: string; readonly label: string }[] {
  const short = narrow === 'narrow';
  return [{ value: 'influence', label: short ? 'influence' : 'influence on the clicked token' }, ...tracksOf(layer, view).map(({ name, label, symbol }) => ({ value: name, label: short ? `one unit’s ${symbol}` : `one unit’s ${label}` }))];
}

/** The loss of each column's answer: −ln p of a token, a squared error of values. */
export function surprisalRow(scene: Scene): TextRow {
  const { columns, theme, summary } = scene;
  const value = (column: number): number => columns.surprisal[column] ?? Number.NaN;
  const { loss } = answerWords(scene);
  const most = summary.values ? errorTop : surprisalTop;
  const top = relative(scene) === 'relative' ? largestOf(columns.surprisal) || most : most;
  const { place } = fromZero(top);
  return { kind: 'surprisal', ...loss, low: '0', high: relative(scene) === 'relative' ? `${formatNumber(top)} (largest)` : String(top), map: theme.signal, value, place: (column) => place(value(column)) };
}

/** What is read at each step, of samples of values: one column of the data. */
export function valueRow(scene: Scene): TextRow | undefined {
  const { summary, views, columns, layer, theme, view } = scene;
  if (!summary.values || layer.reached === 'all') return undefined;
  const names = summary.values.inputs;
  const column = Math.min(names.length - 1, Number(view.options[valueOption]) || 0);
  const inputs = views.get({ of: 'rows', name: 'sample.inputs', first: 0, count: columns.steps });
  const width = inputs?.shape[1] ?? 0;
  const value = (step: number): number => inputs?.data[step * width + column] ?? Number.NaN;
  const most = Number(Math.max(1e-3, ...Array.from({ length: columns.steps }, (_, step) => Math.abs(value(step))).filter(Number.isFinite)).toPrecision(2));
  const { place } = symmetric(most);
  const name = names[column] ?? 'value';
  return { kind: 'value', unit: column, label: name, short: name, title: `${name} as it is read`, shortTitle: name, low: `−${formatNumber(most)}`, high: formatNumber(most), map: theme.signed, name: `${name} as it is read`, head: name, value, place: (step) => place(value(step)) };
}

/** The row beneath: influence on the pinned loss unless the person chose a unit. */
export function chosenRow(scene: Scene): TextRow {
  const track = tracksOf(scene.layer, scene.view).find(({ name }) => name === scene.view.options[rowOption]);
  return track ? unitRow(scene, track) : influenceRow(scene);
}

function influenceRow(scene: Scene): TextRow {
  const { pinned, layer, theme } = scene;
  const flow = pinned === undefined ? undefined : layer.flowRow(pinned);
  const value = (column: number): number => {
    if (pinned === undefined || !flow) return Number.NaN;
    return layer.reaches(pinned, column) === 'yes' ? (flow[column] ?? Number.NaN) : Number.NaN;
  };
  const most = flow ? largestOf(flow) : 0;
  const own = relative(scene) === 'relative' && most > 0;
  const place = own ? relativeScale(most) : gradientDecades.place;
  const ends = own ? [`${powerOfTen(-relativeDecades)} of largest`, formatNumber(most)] : [powerOfTen(-8), '1'];
  return {
    kind: 'influence', label: 'influence', short: 'infl.', title: 'influence ‖∂ℓ/∂hₖ‖', shortTitle: 'infl.', low: ends[0] ?? '', high: ends[1] ?? '', map: theme.signal,
    name: 'influence on the pinned loss', ...(pinned === undefined ? {} : { head: `‖∂ℓ${pinned}/∂hₖ‖` }), value, place: (column) => place(value(column)),
  };
}

function unitRow(scene: Scene, track: Track): TextRow {
  const { layer, axis, theme, view } = scene;
  const unit = Math.min(layer.units - 1, Math.max(0, Number(view.options[unitOption]) || 0));
  const shown = track.shown ?? ((value: number) => value);
  const tiles = layer.tiles(track.name, axis.first, axis.count, Infinity);
  const value = (column: number): number => {
    const tile = tiles.find(({ first, cells }) => column >= first && column < first + cells.rows);
    return tile ? shown(tile.cells.low[(column - tile.first) * tile.cells.columns + unit] ?? Number.NaN) : Number.NaN;
  };
  const most = Math.max(0, ...Array.from({ length: axis.count }, (_, index) => Math.abs(value(axis.first + index))).filter(Number.isFinite));
  const own = relative(scene) === 'relative' && most > 0;
  const scale: UnitScale = trackScale(scene, track);
  const place = !own ? scale.place : track.kind === 'gate' ? (each: number) => each / most : (each: number) => (each / most + 1) / 2;
  const limit = own ? formatNumber(most) : (scale.ticks[0]?.label ?? '1');
  const label = `${track.symbol}, unit ${unit}`;
  return {
    kind: track.name, label, short: label.replace(', unit ', ' '), title: `${track.label}, unit ${unit}`, shortTitle: label.replace(', unit ', ' '), map: mapOf(theme, track), unit,
    low: track.kind === 'gate' ? (own ? '0' : '0.01') : `−${limit}`, high: track.kind === 'gate' && !own ? '0.99' : own ? `${limit} (largest)` : limit,
    name: `${track.label} of unit ${unit}`, head: `${track.label}, unit ${unit}`, value, place: (column) => place(value(column)),
  };
}

function relative({ view }: Scene): 'absolute' | 'relative' {
  return view.options[scaleOption] === 'relative' ? 'relative' : 'absolute';
}

function relativeScale(most: number): (value: number) => number {
  return (value) => (Number.isNaN(value) ? Number.NaN : Math.min(1, Math.max(0, 1 + Math.log10(value / most) / relativeDecades)));
}
