import type { Architecture } from '../../spec/architecture';
import type { Batch, LossSum } from '../engine';
import type { LayerAdjoints } from './layer';
import { positionLoss, type PositionLoss } from './losses';
import { map } from './matrix';
import type { NetworkRun } from './network';
import { zeroParameters, type ParameterData } from './parameters';

/** The losses of a forward pass, by position. */
export function lossesOf(architecture: Architecture, run: NetworkRun, batch: Batch): PositionLoss[] {
  return run.logits.map((logits, position) => positionLoss(architecture.loss, logits, batch, position));
}

/** Sum and number of the losses that count. */
export function sumLosses(losses: readonly PositionLoss[]): LossSum {
  let [sum, positions] = [0, 0];
  for (const position of losses) {
    sum += position.losses.reduce((total, loss) => total + loss, 0);
    positions += position.counts.reduce((total, one) => total + one, 0);
  }
  return { sum, positions };
}

/** The mean of the losses that count; 0 when there is none. */
export function meanLoss({ sum, positions }: LossSum): number {
  return positions > 0 ? sum / positions : 0;
}

/** Derivatives of the mean loss by every parameter, and by every state on the way there. */
export function backpropagate(architecture: Architecture, run: NetworkRun, losses: readonly PositionLoss[]): { readonly gradients: ParameterData; /** As `NetworkRun.backward` gives them. */ readonly adjoints: readonly (readonly LayerAdjoints[])[] } {
  const gradients = zeroParameters(architecture);
  const { positions } = sumLosses(losses);
  const dLosses = losses.map(({ dLogits }, position) => ({ position, copy: 0, dLogits: map(dLogits, (value) => value / Math.max(positions, 1)) }));
  const adjoints = run.backward(dLosses, 1, gradients);
  return { gradients, adjoints };
}
