import { largestMagnitude } from '../plots/bandModel';
import { logitScale, symmetric, type UnitScale } from '../plots/scales';
import type { ColorMap } from '../colorMaps';
import type { Theme } from '../theme';
import type { LayerTrace } from './scene';

/** One row of the gates figure: a gate or a state of the shown layer. */
export interface Track {
  /** Its name in the trace. */
  readonly name: string;
  readonly label: string;
  /** As papers abbreviate it, for narrow panels. */
  readonly symbol: string;
  readonly kind: 'gate' | 'signed';
}

const lstm: readonly Track[] = [
  { name: 'gate.input', label: 'input', symbol: 'i', kind: 'gate' },
  { name: 'gate.forget', label: 'forget', symbol: 'f', kind: 'gate' },
  { name: 'gate.output', label: 'output', symbol: 'o', kind: 'gate' },
  { name: 'gate.cell', label: 'candidate', symbol: 'g', kind: 'signed' },
];

const gru: readonly Track[] = [
  { name: 'gate.reset', label: 'reset', symbol: 'r', kind: 'gate' },
  { name: 'gate.update', label: 'update z', symbol: 'z', kind: 'gate' },
  { name: 'gate.new', label: 'new', symbol: 'n', kind: 'signed' },
];

const states: readonly Track[] = [
  { name: 'c', label: 'cell c', symbol: 'c', kind: 'signed' },
  { name: 'h', label: 'hidden h', symbol: 'h', kind: 'signed' },
];

/** Gates first, then states, as far as the layer's cell has them. */
export function tracksOf(layer: LayerTrace): readonly Track[] {
  return [...lstm, ...gru, ...states].filter(({ name }) => layer.get(name) !== undefined);
}

/** Gates on a logit scale; candidates and h from −1 to 1; c to its largest magnitude, and h too when a relu exceeds 1. */
export function scaleOf(layer: LayerTrace, track: Track): UnitScale {
  if (track.kind === 'gate') return logitScale;
  const series = layer.get(track.name);
  const largest = series ? largestMagnitude(series) : 1;
  return symmetric(largest > 1 ? Number(largest.toPrecision(2)) : track.name === 'c' ? Math.max(1e-3, Number(largest.toPrecision(2))) : 1);
}

/** Colours of a track's heatmap. */
export function mapOf(theme: Theme, track: Track): ColorMap {
  return track.kind === 'gate' ? theme.state : theme.signed;
}
