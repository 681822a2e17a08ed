import { nearestIndex } from '../plots/lossModel';
import type { Session } from './session';
import type { ToolbarScene } from './toolbar';
import type { ViewState } from './viewState';

/** What the toolbar shows of a session; undefined before the host has answered. */
export function toolbarScene({ state, run, trace, metrics }: Session, view: ViewState, playing: ToolbarScene['playing']): ToolbarScene | undefined {
  if (!state) return undefined;
  const layers = trace?.summary.layers ?? [];
  // What was chosen, even while its numbers are still on their way.
  const layer = Math.max(0, Math.min(view.layer, layers.length - 1));
  const shownStep = trace?.summary.step;
  const evaluations = metrics.current.evaluations.filter(({ step }) => shownStep === undefined || step <= shownStep);
  const nearest = nearestIndex(evaluations.map(({ step }) => step), shownStep ?? Number.MAX_SAFE_INTEGER);
  return { state, run, view, playing, shownStep, layers: layers.length, layer, directions: layers[layer]?.directions ?? [], validationLoss: evaluations[nearest]?.validationLoss };
}
