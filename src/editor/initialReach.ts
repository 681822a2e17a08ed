import { initialCarry, longestLag, type InitialCarry } from '../diagnosis/initial/initialCarry';
import { initialNetworks } from '../diagnosis/initial/network';
import type { InitialNetwork } from '../shared/initialNetwork';
import type { TextRange } from '../shared/position';
import type { ParsedSpec } from '../spec/parse';
import type { SpecPath } from '../spec/schemaAt';

/** Networks that are remembered: those of a few specs, and what somebody typed on the way. */
const remembered = 24;

/** What the layers of specs carry before any training, computed once for each setting of their layers. */
export class InitialReach {
  private readonly known = new Map<string, readonly InitialCarry[]>();

  /** The carry of every layer, `repeat` unrolled; undefined where a connection does not fit, which the diagnostics tell. */
  of(network: InitialNetwork): readonly InitialCarry[] | undefined {
    const key = JSON.stringify(network);
    const known = this.known.get(key) ?? computed(network);
    this.known.delete(key);
    if (!known) return undefined;
    this.known.set(key, known);
    for (const oldest of [...this.known.keys()].slice(0, Math.max(0, this.known.size - remembered))) this.known.delete(oldest);
    return known;
  }
}

function computed(network: InitialNetwork): readonly InitialCarry[] | undefined {
  try {
    return initialCarry(network);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** A layer of a spec with what it carries: one curve for each repetition. */
export interface ReachingLayer {
  readonly path: SpecPath;
  readonly curves: readonly InitialCarry[];
}

/** All layers of a spec. */
export function reachingLayers({ spec }: Pick<ParsedSpec, 'spec'>, reach: InitialReach): readonly ReachingLayer[] {
  if (!spec) return [];
  return initialNetworks(spec).flatMap(({ path, network }) => {
    const curves = reach.of(network);
    if (!curves) return [];
    let first = 0;
    return network.layers.map(({ repeat }, index) => {
      const own = curves.slice(first, (first += repeat));
      return { path: [...path, index], curves: own };
    });
  });
}

/** `reaches ≈ 14 steps at initialisation`. */
export function reachHint(curves: readonly InitialCarry[]): string {
  const reaches = curves.map(({ reach }) => reach);
  const [least, most] = [Math.min(...reaches), Math.max(...reaches)];
  if (least >= longestLag) return `reaches beyond ${longestLag} steps at initialisation`;
  const [from, to] = [rounded(least), most >= longestLag ? `beyond ${longestLag}` : rounded(most)];
  return `reaches ≈ ${from === to ? from : `${from} to ${to}`} ${to === '1' ? 'step' : 'steps'} at initialisation`;
}

/** Two digits: the estimate knows no more. */
function rounded(steps: number): string {
  return String(Number(steps.toPrecision(2)));
}

/** A hint and the place in the text that it stands behind. */
export interface ReachHint {
  readonly offset: number;
  readonly label: string;
  readonly layer: ReachingLayer;
}

/** The hints of a spec within a piece of its text: behind a layer on one line, else behind its cell. */
export function reachHints(parsed: ParsedSpec, reach: InitialReach, within: TextRange): readonly ReachHint[] {
  return reachingLayers(parsed, reach).flatMap((layer) => {
    const whole = parsed.rangeOf(layer.path);
    if (!whole) return [];
    const cell = parsed.text.slice(whole.start, whole.end).includes('\n') ? parsed.rangeOf([...layer.path, 'cell']) : undefined;
    const offset = (cell ?? whole).end;
    return offset >= within.start && offset <= within.end ? [{ offset, label: reachHint(layer.curves), layer }] : [];
  });
}

/** Fields that decide how far a layer reaches. */
const deciding: readonly unknown[] = ['cell', 'units', 'activation', 'forgetBias', 'gateBias', 'init'];

/** The layer whose reach the field at `path` decides, or that the path is of. */
export function reachedLayer(parsed: ParsedSpec, path: SpecPath, reach: InitialReach): ReachingLayer | undefined {
  const place = path.lastIndexOf('layers') + 2;
  if (place < 3 || place > path.length || (place < path.length && !deciding.includes(path[place]))) return undefined;
  return reachingLayers(parsed, reach).find((layer) => layer.path.length === place && layer.path.every((key, index) => key === path[index]));
}
