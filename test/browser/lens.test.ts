import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { formatExact } from '../../webview/format';
import { timeConstantsOf } from '../../webview/plots/unitOrder';
import { figureOf, inspecting, lensOf, middleOf } from './inspecting';
import { ModelRuns, numberAt, sample } from './modelRuns';
import { untilAllHold } from './untilAllHold';

const units = 40;
const layers = [{ cell: 'lstm', units }];
const runs = new ModelRuns(layers).train(12, [12]);
const trace = runs.traceNow({ checkpoint: 'latest' });
const traced = inspecting(runs, layers);

/** The middle of a column of the time axis. */
const columnAt = (column: number): ((width: number) => number) => middleOf(column, sample.length);
const enlarged = (plot: Locator) => (): Promise<number> => plot.locator('.lens canvas').count();

describe('the glass under the pointer', () => {
  it('tells the exact number of a thin row of a heatmap, and enlarges it', () =>
    traced(async (inspector) => {
      const plot = figureOf(inspector, 'Gate activations').locator('[data-track="gate.forget"] .heatmap');
      const rowHeight = (await plot.locator('canvas').first().evaluate((element) => element.clientHeight)) / units;
      expect(rowHeight).toBeLessThan(8);
      const means = Float64Array.from({ length: units }, (_, unit) => sample.split('').reduce((sum, __, t) => sum + numberAt(trace, 'layer0.forward.gate.forget', t, unit), 0) / sample.length);
      const constants = timeConstantsOf(means);
      const order = Array.from(means.keys()).sort((a, b) => constants[b]! - constants[a]!);
      for (const [column, row] of [[4, 0], [33, 17], [61, 39]] as const) {
        await expect.poll(lensOf(plot, columnAt(column), (row + 0.5) * rowHeight)).toEqual([`forget of unit ${order[row]}, step ${column}`, formatExact(numberAt(trace, 'layer0.forward.gate.forget', column, order[row]!))]);
        await expect.poll(enlarged(plot)).toBe(1);
      }
    }));

  it('tells which loss flows to which state, and nothing where none can', () =>
    traced(async (inspector) => {
      const plot = figureOf(inspector, 'Flow matrix').locator('.plot').first();
      const rowHeight = Math.round(260 / (sample.length - 1));
      await expect.poll(lensOf(plot, columnAt(12), 41.5 * rowHeight)).toEqual(['loss of step 41, state of step 12, 29 steps back', `‖∂ℓ/∂h‖ ${formatExact(numberAt(trace, 'layer0.forward.flow', 41, 12))}`]);
      await expect.poll(enlarged(plot)).toBe(1);
      const away = lensOf(plot, columnAt(50), 41.5 * rowHeight);
      await expect.poll(async () => [await away(), await plot.locator('.lens').isVisible()].at(-1)).toBe(false);
    }));

  it('tells the norms of a step beside their spread over the batch', () =>
    traced(async (inspector) => {
      const batch = runs.gradientsNow({ checkpoint: 'latest', loss: 'all' });
      const plot = figureOf(inspector, 'Gradient flow').locator('.plot').first();
      const norm = Math.hypot(...Array.from({ length: units }, (_, unit) => numberAt(trace, 'layer0.forward.grad.h', 20, unit)));
      const all = Array.from({ length: batch.sequences }, (_, b) => Number(batch.tensors.get('layer0.forward.grad.h')!.data[20 * batch.sequences + b])).sort((a, b) => a - b);
      const lines = lensOf(plot, columnAt(20), 40);
      await expect.poll(async () => (await lines())[1]).toMatch(new RegExp(`^‖∂L/∂h‖ ${formatExact(norm)}; batch .* \\(${formatExact(all[0])} to ${formatExact(all.at(-1))}\\)$`));
    }));

  it('tells a weight however many share its pixel, and goes when the pointer does', () =>
    traced(async (inspector) => {
      const figure = figureOf(inspector, 'Weights');
      await figure.scrollIntoViewIfNeeded();
      const plot = figure.locator('.plot').first();
      await expect.poll(() => plot.locator('canvas').first().isVisible()).toBe(true);
      const { tensors } = await runs.weights({ checkpoint: 'latest' });
      const [, { data }] = [...tensors].find(([name]) => name.includes('weight_hh'))!;
      const lines = lensOf(plot, () => 60, 60);
      await untilAllHold(async () => {
        const [name, value] = await lines();
        const [, row, column] = (/^input \[(\d+), (\d+)\]$/.exec(name ?? '') ?? []).map(Number);
        expect(value).toBe(formatExact(Number(data[row! * units + column!])));
      });
      await inspector.page.mouse.move(2, 2);
      await expect.poll(() => plot.locator('.lens').isVisible()).toBe(false);
    }));
});
