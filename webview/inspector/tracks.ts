import type { ColorMap } from '../colorMaps';
import { logitScale, symmetric, type UnitScale } from '../plots/scales';
import type { Theme } from '../theme';
import type { LayerTrace, Spread } from './layerTrace';
import type { ViewState } from './viewState';

/** One row of the gates figure: a gate or a state of the shown layer. */
export interface Track {
  /** Its name in the trace. */
  readonly name: string;
  readonly label: string;
  /** As papers abbreviate it, for narrow panels. */
  readonly symbol: string;
  readonly kind: 'gate' | 'signed';
  /** What is shown of the trace's number; absent: the number itself. */
  readonly shown?: (value: number) => number;
}

const lstm: readonly Track[] = [
  { name: 'gate.input', label: 'input', symbol: 'i', kind: 'gate' },
  { name: 'gate.forget', label: 'forget', symbol: 'f', kind: 'gate' },
  { name: 'gate.output', label: 'output', symbol: 'o', kind: 'gate' },
  { name: 'gate.cell', label: 'candidate', symbol: 'g', kind: 'signed' },
];

/** Names of the GRU's update gate: PyTorch's z, of which 1 keeps the old state, and CS224n's u = 1 − z, of which 0 keeps it. */
const updates: Readonly<Record<UpdateConvention, Track>> = {
  z: { name: 'gate.update', label: 'update z', symbol: 'z', kind: 'gate' },
  u: { name: 'gate.update', label: 'update u', symbol: 'u', kind: 'gate', shown: (z) => 1 - z },
};

/** Whose update gate is shown. */
export type UpdateConvention = 'z' | 'u';

/** Name of that choice in `ViewState.options`. */
export const conventionOption = 'gates.update';

/** PyTorch's unless the person picked CS224n's. */
export function conventionOf(view: ViewState): UpdateConvention {
  return view.options[conventionOption] === 'u' ? 'u' : 'z';
}

const states: readonly Track[] = [
  { name: 'c', label: 'cell c', symbol: 'c', kind: 'signed' },
  { name: 'h', label: 'hidden h', symbol: 'h', kind: 'signed' },
];

/** Gates first, then states, as far as the layer's cell has them. */
export function tracksOf(layer: LayerTrace, view: ViewState): readonly Track[] {
  const gru: readonly Track[] = [{ name: 'gate.reset', label: 'reset', symbol: 'r', kind: 'gate' }, updates[conventionOf(view)], { name: 'gate.new', label: 'new', symbol: 'n', kind: 'signed' }];
  return [...lstm, ...gru, ...states].filter(({ name }) => layer.has(name));
}

/** Spreads as they are shown, made once. */
const shownSpreads = new WeakMap<Spread, Spread>();

/** A track's spread in the convention that it is shown in. */
export function spreadOf(layer: LayerTrace, { name, shown }: Track): Spread | undefined {
  const spread = layer.spread(name);
  if (!spread || !shown) return spread;
  const known = shownSpreads.get(spread) ?? turned(spread, shown);
  shownSpreads.set(spread, known);
  return known;
}

function turned(spread: Spread, shown: (value: number) => number): Spread {
  const { minimum, low, median, high, maximum, mean, norm } = spread;
  // What is shown falls with the gate, so the ends change places.
  return { minimum: maximum.map(shown), low: high.map(shown), median: median.map(shown), high: low.map(shown), maximum: minimum.map(shown), mean: mean.map(shown), norm };
}

/** Gates on a logit scale; candidates and h from −1 to 1; c to its largest magnitude, and h too when a relu exceeds 1. */
export function scaleOf(track: Track, spreads: readonly (Spread | undefined)[]): UnitScale {
  if (track.kind === 'gate') return logitScale;
  let largest = 0;
  for (const spread of spreads) for (const values of spread ? [spread.minimum, spread.maximum] : []) for (const value of values) largest = Math.max(largest, Math.abs(value));
  const rounded = Number(largest.toPrecision(2));
  return symmetric(largest > 1 ? rounded : track.name === 'c' ? Math.max(1e-3, rounded) : 1);
}

/** Colours of a track's heatmap. */
export function mapOf(theme: Theme, track: Track): ColorMap {
  return track.kind === 'gate' ? theme.state : theme.signed;
}
