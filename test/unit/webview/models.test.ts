import { describe, expect, it } from 'vitest';
import { bandOverUnits, largestMagnitude, meanOverTime, meanOverUnits } from '../../../webview/plots/bandModel';
import { flowByLag, reachOf, rowByLag } from '../../../src/shared/flow';
import { fitDecay, normsOverUnits, partialCellGradient } from '../../../webview/plots/gradientModel';
import { clippedShare, nearestIndex, reduceCurve, smoothed } from '../../../webview/plots/lossModel';
import { flowMatrix, type Series } from '../../../webview/plots/numbers';
import { orderUnits, timeConstants } from '../../../webview/plots/unitOrder';

const series = (rows: number[][]): Series => ({ steps: rows.length, width: rows[0]?.length ?? 0, data: Float64Array.from(rows.flat()) });

describe('the band over units', () => {
  it('holds extremes, deciles and median of each step, interpolated between ranks as NumPy does', () => {
    // numpy.quantile([3, 1, 2, 10], [0, .1, .5, .9, 1]) = 1, 1.3, 2.5, 7.9, 10
    const band = bandOverUnits(series([[3, 1, 2, 10], [0, 0, 0, 0]]));
    expect([band.minimum, band.low, band.median, band.high, band.maximum].map((values) => Number(values[0]!.toFixed(12)))).toEqual([1, 1.3, 2.5, 7.9, 10]);
    expect(band.median[1]).toBe(0);
  });

  it('leaves the trace as it was', () => {
    const trace = series([[3, 1, 2]]);
    bandOverUnits(trace);
    expect([...trace.data]).toEqual([3, 1, 2]);
  });

  it('has means over units and over time', () => {
    const two = series([[1, 3], [5, 7]]);
    expect([...meanOverUnits(two)]).toEqual([2, 6]);
    expect([...meanOverTime(two)]).toEqual([3, 5]);
    expect(largestMagnitude(series([[1, -9]]))).toBe(9);
  });
});

describe('the order of units', () => {
  it('puts the longest memory on top: a mean keep gate of 0.9 lasts 9.5 steps, 0.99 lasts 99.5', () => {
    const keep = series([[0.9, 0.99, 0.5], [0.9, 0.99, 0.5]]);
    expect([...timeConstants(keep)].map((steps) => Number(steps.toFixed(1)))).toEqual([9.5, 99.5, 1.4]);
    expect(orderUnits(3, keep).units).toEqual([1, 0, 2]);
  });

  it('is by index where nothing keeps', () => {
    expect(orderUnits(3, undefined)).toEqual({ units: [0, 1, 2] });
  });
});

describe('gradients', () => {
  it('are measured by their length over units', () => {
    expect([...normsOverUnits(series([[3, 4], [0, 0]]))]).toEqual([5, 0]);
  });

  it('reach the cell state from above through the output gate and the slope of tanh', () => {
    const partial = partialCellGradient(series([[2]]), series([[0.5]]), series([[1]]));
    expect(partial.data[0]).toBeCloseTo(2 * 0.5 * (1 - Math.tanh(1) ** 2), 15);
  });

  it('that fall by 0.9 a step have a slope of log₁₀ 0.9 decades', () => {
    const decay = fitDecay(Array.from({ length: 60 }, (_, lag) => 5 * 0.9 ** lag))!;
    expect(decay.decadesPerStep).toBeCloseTo(Math.log10(0.9), 12);
    expect(10 ** decay.intercept).toBeCloseTo(5, 10);
    expect([decay.firstLag, decay.lastLag]).toEqual([3, 40]);
  });

  it('have no slope when fewer than four are positive', () => {
    expect(fitDecay([1, 1, 1, 1, 1, 1])).toBeUndefined();
    expect(fitDecay([1, 1, 1, 1, 1, 1, 0, 0])).toBeUndefined();
  });
});

describe('the flow matrix', () => {
  const flow = series([
    [8, 0, 0],
    [4, 6, 0],
    [1, 2, 4],
  ]);

  it('is read by lag along its rows', () => {
    expect([...rowByLag(flowMatrix(flow), 2, 'forward')]).toEqual([4, 2, 1]);
  });

  it('has a mean along each diagonal', () => {
    expect([...flowByLag(flowMatrix(flow), 'forward')]).toEqual([6, 3, 1]);
  });

  it('of a layer that reads backwards lies on the other side', () => {
    const reverse = series([
      [4, 2, 1],
      [0, 6, 4],
      [0, 0, 8],
    ]);
    expect([...flowByLag(flowMatrix(reverse), 'reverse')]).toEqual([6, 3, 1]);
    expect([...rowByLag(flowMatrix(reverse), 0, 'reverse')]).toEqual([4, 2, 1]);
  });

  it('reaches to the last lag with a hundredth of lag 0', () => {
    expect(reachOf([1, 0.5, 0.01, 0.0099])).toBe(2);
    expect(reachOf([1, 0.001, 0.02, 0])).toBe(2);
    expect(reachOf([0, 0])).toBe(0);
    expect(reachOf([])).toBe(0);
    expect(reachOf(Array.from({ length: 100 }, (_, lag) => 0.9 ** lag))).toBe(Math.floor(Math.log(0.01) / Math.log(0.9)));
  });
});

describe('curves over training', () => {
  it('keep the extremes of steps that share a point', () => {
    const curve = reduceCurve(Float64Array.of(1, 2, 3, 4, 5), Float64Array.of(9, 1, 5, 4, 7), 3);
    expect([...curve.step]).toEqual([2, 4, 5]);
    expect([...curve.minimum]).toEqual([1, 4, 7]);
    expect([...curve.maximum]).toEqual([9, 5, 7]);
  });

  it('are smoothed without a pull towards zero at the start, and past numbers that are none', () => {
    expect([...smoothed([4, 4, 4])].map((value) => Number(value.toFixed(12)))).toEqual([4, 4, 4]);
    expect(smoothed([4, Number.NaN])[1]).toBeCloseTo(4, 12);
  });

  it('find the nearest step', () => {
    expect(nearestIndex([10, 20, 30], 24)).toBe(1);
    expect(nearestIndex([10, 20, 30], 26)).toBe(2);
    expect(nearestIndex([10, 20, 30], 999)).toBe(2);
    expect(nearestIndex([], 1)).toBe(-1);
  });

  it('say which share of the last steps was clipped', () => {
    expect(clippedShare(Uint8Array.of(1, 0, 0, 1), 2)).toBe(0.5);
    expect(clippedShare(Uint8Array.of(), 5)).toBe(0);
  });
});
