import { describe, expect, it } from 'vitest';
import { cadenceOf, checkpointsToDrop, isCheckpointStep } from '../../../src/training/cadence';
import { afterEvaluation, freshPlateau, learningRateAt } from '../../../src/training/schedule';
import { smallSpec } from './support';

describe('learning rate', () => {
  const at = (schedule: object, step: number) => learningRateAt(smallSpec({ optimizer: { kind: 'adam', learningRate: 0.4 }, schedule }).training, step, 100, freshPlateau);

  it('stays with a constant schedule', () => {
    expect([0, 50, 99].map((step) => at({ kind: 'constant' }, step))).toEqual([0.4, 0.4, 0.4]);
  });

  it('warms up linearly and falls along half a cosine to the floor', () => {
    const schedule = { kind: 'cosine', warmup: 20, floor: 0.1 };
    expect(at(schedule, 0)).toBeCloseTo(0.02, 12);
    expect(at(schedule, 19)).toBeCloseTo(0.4, 12);
    expect(at(schedule, 20)).toBeCloseTo(0.4, 12);
    expect(at(schedule, 60)).toBeCloseTo(0.4 * 0.55, 12);
    expect(at(schedule, 100)).toBeCloseTo(0.04, 12);
  });

  it('is multiplied by the factor after every stretch of a step schedule', () => {
    expect([0, 9, 10, 25].map((step) => at({ kind: 'step', every: 10, factor: 0.5 }, step))).toEqual([0.4, 0.4, 0.2, 0.1]);
  });

  it('falls once more than `patience` evaluations in a row were no better', () => {
    const { schedule } = smallSpec({ schedule: { kind: 'plateau', patience: 2, factor: 0.5 } }).training;
    const scales: number[] = [];
    let state = freshPlateau;
    // As torch.optim.lr_scheduler.ReduceLROnPlateau(patience=2, factor=0.5): 2.99995 is no better than 3 by a ten-thousandth.
    for (const loss of [3, 2.99995, 3.1, 3.2, 3.3, 1, 2, 2, 2]) {
      state = afterEvaluation(schedule, loss, state);
      scales.push(state.scale);
    }
    expect(scales).toEqual([1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25]);
  });
});

describe('cadence', () => {
  it('counts epochs in batches, and takes five epochs when nothing is said', () => {
    expect(cadenceOf({ epochs: 2.5 }, 10, 0).steps).toBe(25);
    expect(cadenceOf({}, 10, 0).steps).toBe(50);
    expect(cadenceOf({ steps: 7 }, 10, 0).steps).toBe(7);
  });

  it('evaluates about twenty times, but spends no more than a tenth of the time on it', () => {
    expect(cadenceOf({ steps: 2000 }, 400, 3).evaluateEvery).toBe(100);
    expect(cadenceOf({ steps: 2000 }, 400, 48).evaluateEvery).toBe(160);
    expect(cadenceOf({ steps: 20 }, 400, 48).evaluateEvery).toBe(20);
  });

  it('stores between twenty and forty checkpoints, the early ones closer together', () => {
    for (const steps of [100, 2180, 100_000]) {
      const cadence = cadenceOf({ steps }, 400, 48);
      const stored = Array.from({ length: steps + 1 }, (_, step) => step).filter((step) => isCheckpointStep(cadence, step));
      expect(stored.length).toBeGreaterThanOrEqual(20);
      expect(stored.length).toBeLessThanOrEqual(40);
      expect(stored[0]).toBe(0);
      expect(stored.at(-1)).toBe(steps);
    }
  });

  it('thins out to what a slider can show, keeping the first, the last and the best', () => {
    let stored: number[] = [];
    for (let step = 0; step <= 10_000; step += 10) {
      stored.push(step);
      const dropped = checkpointsToDrop(stored, [5000]);
      stored = stored.filter((kept) => !dropped.includes(kept));
      expect(stored.length).toBeLessThanOrEqual(40);
      expect(stored.at(-1)).toBe(step);
    }
    expect(stored[0]).toBe(0);
    expect(stored).toContain(5000);
    expect(stored.filter((step) => step < 1000).length).toBeGreaterThan(10);
    expect(stored.filter((step) => step > 5000).length).toBeGreaterThan(2);
  });
});
