import { describe, expect, it } from 'vitest';
import { columnsOfWire, sendableMetrics } from '../../../src/shared/wireMetrics';
import type { MetricsColumns } from '../../../src/shared/run';

const columns: MetricsColumns = {
  step: Float64Array.of(1, 2, 3),
  loss: Float64Array.of(3, NaN, 1),
  gradNorm: Float64Array.of(4, 9, 2),
  clipped: Uint8Array.of(0, 1, 0),
  learningRate: Float64Array.of(0.1, 0.1, 0.05),
  normAfter: Float64Array.of(4, 5, 2),
  largestParameter: ['output.weight', '', 'layers.0.weight_hh_l0'],
  largestShare: Float64Array.of(0.6, NaN, 0.9),
  clipAngle: Float64Array.of(NaN, 12.5, NaN),
  seconds: Float64Array.of(0.25, 0.5, 0.25),
  tokens: Float64Array.of(100, 100, 50),
};

describe('a curve on its way to a page', () => {
  it('arrives with every column, from the asked entry on', () => {
    expect(columnsOfWire(sendableMetrics({ columns, evaluations: [], references: [] }, 1))).toEqual({
      step: Float64Array.of(2, 3),
      loss: Float64Array.of(NaN, 1),
      gradNorm: Float64Array.of(9, 2),
      clipped: Uint8Array.of(1, 0),
      learningRate: Float64Array.of(0.1, 0.05),
      normAfter: Float64Array.of(5, 2),
      largestParameter: ['', 'layers.0.weight_hh_l0'],
      largestShare: Float64Array.of(NaN, 0.9),
      clipAngle: Float64Array.of(12.5, NaN),
      seconds: Float64Array.of(0.5, 0.25),
      tokens: Float64Array.of(100, 50),
    });
  });

  it('lacks the columns that its run did not record', () => {
    const { step, loss, gradNorm, clipped, learningRate } = columns;
    const old = { step, loss, gradNorm, clipped, learningRate };
    expect(columnsOfWire(sendableMetrics({ columns: old, evaluations: [], references: [] }, 0))).toEqual(old);
  });

  it('leaves out evaluations that JSON cannot carry', () => {
    const evaluations = [{ step: 2, validationLoss: NaN }, { step: 3, validationLoss: 2 }];
    expect(sendableMetrics({ columns, evaluations, references: [] }, 0).evaluations).toEqual([{ step: 3, validationLoss: 2 }]);
  });
});
