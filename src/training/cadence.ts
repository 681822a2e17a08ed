import type { TrainingSpec } from '../spec/schema';

/** Passes over the data when a spec gives neither `steps` nor `epochs`. */
export const defaultEpochs = 5;

/** A run keeps at most this many checkpoints: as many as a slider can show apart. */
export const mostCheckpoints = 40;

/** When a training ends, evaluates and stores. */
export interface Cadence {
  /** Updates in all. */
  readonly steps: number;
  readonly evaluateEvery: number;
  readonly checkpointEvery: number;
  /** Steps off the beat that are stored too: early ones, where most is learnt. */
  readonly early: readonly number[];
}

/**
 * The cadence of a training over `perEpoch` batches, with `validationBatches` batches in an evaluation.
 *
 * Defaults: 5 epochs; about 20 evaluations, fewer when they would take more than a tenth of
 * the time (a forward pass costs about a third of an update); a checkpoint at the start, 20 on
 * the way and four early ones at 1/16 … 1/2 of the first stretch.
 */
export function cadenceOf(training: Pick<TrainingSpec, 'steps' | 'epochs' | 'evaluateEvery' | 'checkpointEvery'>, perEpoch: number, validationBatches: number): Cadence {
  const steps = training.steps ?? Math.max(1, Math.round((training.epochs ?? defaultEpochs) * perEpoch));
  const affordable = Math.ceil((validationBatches / 3) * 10);
  const evaluateEvery = training.evaluateEvery ?? Math.max(1, Math.min(steps, Math.max(Math.ceil(steps / 20), affordable)));
  const checkpointEvery = training.checkpointEvery ?? Math.max(1, Math.ceil(steps / 20));
  const early = training.checkpointEvery === undefined ? [16, 8, 4, 2].map((share) => Math.floor(checkpointEvery / share)).filter((step) => step > 0) : [];
  return { steps, evaluateEvery, checkpointEvery, early: [...new Set(early)] };
}

/** Whether a checkpoint belongs after update `step` (0: the initial weights). */
export function isCheckpointStep(cadence: Cadence, step: number): boolean {
  return step % cadence.checkpointEvery === 0 || step === cadence.steps || cadence.early.includes(step);
}

/**
 * Which of the stored steps (ascending) to delete so that at most `most` are left: again and again
 * the one whose neighbours lie closest on a logarithmic scale, so that what stays is dense where
 * learning is fast and reaches from the first to the last. Steps in `keep` stay.
 */
export function checkpointsToDrop(stored: readonly number[], keep: readonly number[] = [], most = mostCheckpoints): number[] {
  const kept = [...stored];
  const dropped: number[] = [];
  while (kept.length > most) {
    let least = -1;
    let leastGap = Infinity;
    for (let i = 1; i < kept.length - 1; i++) {
      const gap = Math.log((1 + (kept[i + 1] ?? 0)) / (1 + (kept[i - 1] ?? 0)));
      if (gap < leastGap && !keep.includes(kept[i] ?? -1)) [least, leastGap] = [i, gap];
    }
    if (least < 0) break;
    dropped.push(...kept.splice(least, 1));
  }
  return dropped;
}
