import type { Architecture } from '../../spec/architecture';
import type { Batch } from '../engine';
import { rowOf, zeros, type Matrix } from './matrix';
import { isReal } from './padding';

/** The loss at one position. */
export interface PositionLoss {
  /** ℓ of each sequence [B]; 0 where it does not count. */
  readonly losses: Float64Array;
  /** 1 where a sequence has a loss here [B]: not padded, and with a target. */
  readonly counts: Uint8Array;
  /** ∂ℓ/∂logits [B,outputs], not averaged; zero where the loss does not count. */
  readonly dLogits: Matrix;
}

/**
 * The loss of each sequence at position `position` (a timestep, or 0 for the loss `class`, taken once).
 *
 * Classes: cross-entropy −log softmax(logits)[target], as torch.nn.functional.cross_entropy; its derivative
 * is softmax(logits) − onehot(target). Values: (1/n) Σ (logits − target)², as mse_loss over the n outputs.
 */
export function positionLoss(kind: Architecture['loss'], logits: Matrix, { targets, lengths }: Batch, position: number): PositionLoss {
  const result = { losses: new Float64Array(logits.rows), counts: new Uint8Array(logits.rows), dLogits: zeros(logits.rows, logits.columns) };
  for (let b = 0; b < logits.rows; b++) {
    if (kind !== 'class' && !isReal(lengths, position, b)) continue;
    const index = position * logits.rows + b;
    const [y, dy] = [rowOf(logits, b), rowOf(result.dLogits, b)];
    const loss = kind === 'values' ? squaredError(y, targets.subarray(index * logits.columns, (index + 1) * logits.columns), dy) : crossEntropy(y, targets[index] ?? -1, dy);
    if (loss === undefined) continue;
    result.losses[b] = loss;
    result.counts[b] = 1;
  }
  return result;
}

/** Cross-entropy in nats, its derivative into `dy`; nothing when the target is negative. */
function crossEntropy(y: Float64Array, target: number, dy: Float64Array): number | undefined {
  if (target < 0) return undefined;
  const largest = y.reduce((most, value) => Math.max(most, value), -Infinity);
  const sum = y.reduce((total, value) => total + Math.exp(value - largest), 0);
  const logSum = largest + Math.log(sum);
  y.forEach((value, i) => (dy[i] = Math.exp(value - logSum) - (i === target ? 1 : 0)));
  return logSum - (y[target] ?? NaN);
}

/** Mean squared error, its derivative into `dy`; nothing when a target is NaN. */
function squaredError(y: Float64Array, target: ArrayLike<number>, dy: Float64Array): number | undefined {
  const difference = y.map((value, i) => value - (target[i] ?? NaN));
  if (Array.prototype.some.call(target, Number.isNaN)) return undefined;
  difference.forEach((d, i) => (dy[i] = (2 * d) / y.length));
  return difference.reduce((sum, d) => sum + d * d, 0) / y.length;
}
