import { describe, expect, it } from 'vitest';
import { flowByLag, reachOf, rowByLag, type FlowMatrix } from '../../../src/shared/flow';
import { fitDecay } from '../../../webview/plots/gradientModel';
import { clippedShare, nearestIndex, reduceCurve, smoothed } from '../../../webview/plots/lossModel';
import { byLag, largestOf } from '../../../webview/plots/numbers';
import { binFor, tilesOver } from '../../../webview/plots/tiles';
import { bySimilarity, descending, timeConstantsOf } from '../../../webview/plots/unitOrder';

const flowOf = (rows: number[][]): FlowMatrix => ({ losses: 'every-step', rows: rows.length, columns: rows[0]?.length ?? 0, data: rows.flat() });

describe('the order of units', () => {
  it('puts the longest memory on top: a mean keep gate of 0.9 lasts 9.5 steps, 0.99 lasts 99.5', () => {
    const constants = timeConstantsOf(Float64Array.of(0.9, 0.99, 0.5));
    expect([...constants].map((steps) => Number(steps.toFixed(1)))).toEqual([9.5, 99.5, 1.4]);
    expect(descending(constants)).toEqual([1, 0, 2]);
  });

  it('keeps the order of index among equals', () => {
    expect(descending([1, 2, 1, 2])).toEqual([1, 3, 0, 2]);
  });

  it('by similarity goes from each unit to the one that moves most like it', () => {
    // Units 0 and 3 rise, 1 and 4 fall, 2 stands still.
    const curves = [0, 9, 5, 1, 8, /* step 1 */ 1, 8, 5, 3, 6, /* step 2 */ 2, 7, 5, 4, 5];
    const order = bySimilarity(curves, 5, 0);
    expect([...order].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(order[1]).toBe(3);
    expect(Math.abs(order.indexOf(1) - order.indexOf(4))).toBe(1);
  });
});

describe('tiles', () => {
  it('bin steps so that no bin is narrower than two pixels, one for its smallest and one for its largest number', () => {
    expect(binFor(900, 900)).toBe(1);
    expect(binFor(901, 900)).toBe(4);
    expect(binFor(2000, 1000)).toBe(4);
    expect(binFor(8, Infinity)).toBe(1);
  });

  it('cover the window from whole multiples of their size, so that panning asks for the same ones', () => {
    expect(tilesOver({ first: 60, count: 20, bin: 1 }, 600)).toEqual([{ first: 0, count: 64, bin: 1 }, { first: 64, count: 64, bin: 1 }]);
    expect(tilesOver({ first: 300, count: 20, bin: 4 }, 400)).toEqual([{ first: 256, count: 144, bin: 4 }]);
  });
});

describe('gradients', () => {
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
  const flow = flowOf([
    [8, 0, 0],
    [4, 6, 0],
    [1, 2, 4],
  ]);

  it('is read by lag along its rows', () => {
    expect([...rowByLag(flow, 2, 'forward')]).toEqual([4, 2, 1]);
  });

  it('gives one row by lag on the page too', () => {
    expect([...byLag(Float64Array.of(1, 2, 4), 2, 'forward')]).toEqual([4, 2, 1]);
    expect([...byLag(Float64Array.of(4, 2, 1), 0, 'reverse')]).toEqual([4, 2, 1]);
    expect(largestOf([1, 4, Number.NaN, 2])).toBe(4);
  });

  it('has a mean along each diagonal', () => {
    expect([...flowByLag(flow, 'forward')]).toEqual([6, 3, 1]);
  });

  it('of a layer that reads backwards lies on the other side', () => {
    const reverse = flowOf([
      [4, 2, 1],
      [0, 6, 4],
      [0, 0, 8],
    ]);
    expect([...flowByLag(reverse, 'reverse')]).toEqual([6, 3, 1]);
    expect([...rowByLag(reverse, 0, 'reverse')]).toEqual([4, 2, 1]);
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
