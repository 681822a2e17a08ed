import { describe, expect, it } from 'vitest';
import { colorMaps } from '../../webview/colorMaps';
import { formatExact } from '../../webview/format';
import { gradientDecades } from '../../webview/plots/scales';
import { figureOf, inspecting, lensOf, middleOf, pixelOf, rgbOf } from './inspecting';
import { ModelRuns, numberAt, sample } from './modelRuns';

const layers = [{ cell: 'rnn', units: 6, activation: 'relu' }];
const runs = new ModelRuns(layers);
runs.store(0, linearWeights());
const trace = runs.traceNow({ checkpoint: 'latest' });
const traced = inspecting(runs, layers);

/** W_hh = 0.9·I and positive everything else, so that no relu ever closes. */
function linearWeights(): ReturnType<ModelRuns['engine']['parameters']> {
  const parameters = runs.engine.parameters();
  for (const [name, { data }] of parameters) {
    if (name.includes('weight_hh')) data.forEach((_, index) => ((data as Float64Array)[index] = index % 7 === 0 ? 0.9 : 0));
    else if (name.includes('bias')) data.fill(0 as never);
    else if (name.includes('weight_ih')) data.forEach((_, index) => ((data as Float64Array)[index] = 0.1 + (index % 5) / 50));
  }
  return parameters;
}

/** ‖∂ℓₜ/∂hₖ‖, which the network's Jacobian 0.9·I gives from that of the loss's own step. */
const flow = (t: number, k: number): number => numberAt(trace, 'layer0.forward.flow', t, t) * 0.9 ** (t - k);

describe('a linear network that forgets a tenth each step', () => {
  it('flows back as diagonals of 0.9 to the lag: in the colours of the matrix, under the glass, and in the table', () =>
    traced(async (inspector) => {
      const matrix = figureOf(inspector, 'Flow matrix');
      const plot = matrix.locator('.plot').first();
      const canvas = plot.locator('canvas').first();
      await canvas.scrollIntoViewIfNeeded();
      const { signal } = colorMaps('vscode-dark');
      const rowHeight = Math.round(260 / (sample.length - 1));
      const [column, row] = [(k: number) => middleOf(k, sample.length), (t: number) => t * rowHeight + rowHeight / 2];
      for (const [t, k] of [[40, 40], [40, 39], [40, 20], [60, 0], [12, 5]] as const) {
        await expect.poll(async () => pixelOf(canvas, column(k)(await canvas.evaluate((element) => element.clientWidth)), row(t)), { message: `t ${t}, k ${k}` }).toEqual(rgbOf(signal.css(gradientDecades.place(flow(t, k)))));
        const said = lensOf(plot, column(k), row(t));
        await expect.poll(async () => (await said())[1], { message: `t ${t}, k ${k}` }).toBe(`‖∂ℓ/∂h‖ ${formatExact(flow(t, k))}`);
      }
      await matrix.press('t');
      const read = async (t: number, k: number): Promise<number> => Number(await matrix.locator('.table').nth(1).locator(`tbody tr:nth-child(${t + 1}) td:nth-child(${k + 2})`).getAttribute('data-value'));
      for (const [t, k] of [[40, 40], [40, 39], [40, 20], [60, 0]] as const) {
        await expect.poll(async () => (await read(t, k)) / (await read(t, t)), { message: `t ${t}, k ${k}` }).toBeCloseTo(0.9 ** (t - k), 12);
      }
      await expect.poll(() => matrix.locator('.table').first().locator('caption').textContent()).toContain('reach 43 steps');
    }));

  it('falls by 0.046 decades a step in the gradient of one loss, says the slope', () =>
    traced(async (inspector) => {
      const { page } = inspector;
      const gradient = figureOf(inspector, 'Gradient flow');
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      const copied = async (): Promise<string> => {
        await page.getByRole('button', { name: 'Copy: Gradient flow' }).press('Enter');
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('Enter');
        return page.evaluate(() => navigator.clipboard.readText());
      };
      // log₁₀ 0.9
      await expect.poll(copied).toContain('−0.046 decades per step back');
      await gradient.press('t');
      const norm = async (t: number): Promise<number> => Number(await gradient.locator('.table').first().locator(`tbody tr:nth-child(${t + 1}) td:last-child`).getAttribute('data-value'));
      await expect.poll(async () => (await norm(30)) / (await norm(40))).toBeCloseTo(0.9 ** 10, 12);
    }));
});
