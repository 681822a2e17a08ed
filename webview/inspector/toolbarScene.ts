import { nearestIndex } from '../plots/lossModel';
import { isActive } from './runText';
import type { Session } from './session';
import type { ToolbarScene } from './toolbar';
import type { ViewState, Weights } from './viewState';
import type { WeightsScene } from './weightsPicker';

/** What the toolbar shows of a session and of what is shown beside it; undefined before the host has answered. */
export function toolbarScene(session: Session, beside: Session | undefined, view: ViewState, playing: 'playing' | 'still'): ToolbarScene | undefined {
  if (!session.state) return undefined;
  const layers = session.trace?.summary.layers ?? [];
  // What was chosen, even while its numbers are still on their way.
  const layer = Math.max(0, Math.min(view.layer, layers.length - 1));
  return {
    shown: weightsScene(session, view, playing),
    ...(beside && view.beside ? { beside: weightsScene(beside, view.beside, 'still') } : {}),
    view,
    layers: layerNames(layers.map(({ prefix }) => prefix)),
    layer,
    directions: layers[layer]?.directions ?? [],
    act: isActive(session.run) === 'active' ? 'stop' : 'train',
  };
}

function weightsScene({ state, run, trace, metrics }: Session, { checkpoint }: Weights, playing: 'playing' | 'still'): WeightsScene {
  const shownStep = trace?.summary.step;
  const evaluations = metrics.current.evaluations.filter(({ step }) => shownStep === undefined || step <= shownStep);
  const nearest = nearestIndex(evaluations.map(({ step }) => step), shownStep ?? Number.MAX_SAFE_INTEGER);
  return { runs: state?.runs ?? [], run, checkpoint, playing, shownStep, validationLoss: evaluations[nearest]?.validationLoss };
}

/** `0`, `1` … for layers of one stack; `enc 0` and `dec 0` in a translation model. */
export function layerNames(prefixes: readonly string[]): readonly string[] {
  return prefixes.map((prefix) => prefix.replace(/^encoder\./, 'enc ').replace(/^decoder\./, 'dec ').replace('layer', ''));
}
