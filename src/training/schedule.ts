import type { TrainingSpec } from '../spec/schema';

/** What the plateau schedule remembers, kept in checkpoints. */
export interface PlateauState {
  /** Product of all reductions so far. */
  readonly scale: number;
  /** Best monitored loss so far. */
  readonly best: number;
  /** Evaluations in a row that were no better. */
  readonly bad: number;
}

export const freshPlateau: PlateauState = { scale: 1, best: Infinity, bad: 0 };

/** PyTorch's ReduceLROnPlateau counts a loss as better only below best · (1 − threshold). */
const plateauThreshold = 1e-4;

/**
 * The learning rate of update `step` (0, 1, …) out of `steps`.
 *
 * - cosine: linear from base/warmup to base over the first `warmup` updates, then
 *   base · (floor + (1 − floor) · (1 + cos π·p) / 2) with p from 0 to 1 over the rest
 *   (Loshchilov and Hutter 2017, without restarts);
 * - step: base · factor^⌊step / every⌋;
 * - plateau: base · scale, see `afterEvaluation`.
 */
export function learningRateAt(training: Pick<TrainingSpec, 'optimizer' | 'schedule'>, step: number, steps: number, plateau: PlateauState): number {
  const base = training.optimizer.learningRate;
  const schedule = training.schedule;
  switch (schedule?.kind) {
    case 'cosine': {
      if (step < schedule.warmup) return (base * (step + 1)) / schedule.warmup;
      const progress = Math.min(1, (step - schedule.warmup) / Math.max(1, steps - schedule.warmup));
      return base * (schedule.floor + ((1 - schedule.floor) * (1 + Math.cos(Math.PI * progress))) / 2);
    }
    case 'step':
      return base * schedule.factor ** Math.floor(step / schedule.every);
    case 'plateau':
      return base * plateau.scale;
    case 'constant':
    case undefined:
      return base;
  }
}

/**
 * The plateau schedule after an evaluation: reduced by `factor` once more than `patience`
 * evaluations in a row were no better (PyTorch's ReduceLROnPlateau, mode min, relative threshold 1e-4).
 */
export function afterEvaluation(schedule: TrainingSpec['schedule'], loss: number, before: PlateauState): PlateauState {
  if (schedule?.kind !== 'plateau') return before;
  if (loss < before.best * (1 - plateauThreshold)) return { ...before, best: loss, bad: 0 };
  const bad = before.bad + 1;
  return bad > schedule.patience ? { ...before, scale: before.scale * schedule.factor, bad: 0 } : { ...before, bad };
}
