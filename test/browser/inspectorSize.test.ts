import { describe, expect, it } from 'vitest';
import { colorMaps } from '../../webview/colorMaps';
import { binFor } from '../../webview/plots/tiles';
import { logitScale } from '../../webview/plots/scales';
import { figureOf, inspecting, pixelOf, rgbOf } from './inspecting';
import { mobyDick, ModelRuns, numberAt } from './modelRuns';

const layers = [{ cell: 'gru', units: 5 }];
const text = mobyDick.repeat(2).slice(0, 900);
const runs = new ModelRuns(layers, text).train(3, [3]);
const trace = runs.traceNow({ checkpoint: 'latest' });
const traced = inspecting(runs, layers);

describe('a text with more steps than pixels', () => {
  it('shows the smallest and the largest number of the steps that share a column, never their mean', () =>
    traced(
      async (inspector) => {
        const { page } = inspector;
        const tokens = figureOf(inspector, 'Tokens').locator('.plot').first();
        await expect.poll(async () => {
          await tokens.hover({ position: { x: 300, y: 30 } });
          await page.keyboard.down('Control');
          await page.mouse.wheel(0, 600);
          await page.keyboard.up('Control');
          return ((await inspector.stored()) as { window?: { count: number } } | null)?.window?.count;
        }).toBe(900);

        const canvas = figureOf(inspector, 'Gate activations').locator('[data-track="gate.update"] .heatmap canvas');
        await canvas.scrollIntoViewIfNeeded();
        const width = (await canvas.evaluate((element) => element.clientWidth)) - 70 - 28;
        const bin = binFor(900, width);
        expect(bin).toBeGreaterThan(1);
        const means = Array.from({ length: 5 }, (_, unit) => Array.from({ length: 900 }, (__, t) => numberAt(trace, 'layer0.forward.gate.update', t, unit)).reduce((sum, value) => sum + value) / 900);
        const unit = means.indexOf(Math.max(...means)); // the top row: the longest memory
        const { state } = colorMaps('vscode-dark');
        for (const column of [0, 40, 111]) {
          const steps = Array.from({ length: bin }, (_, step) => numberAt(trace, 'layer0.forward.gate.update', column * bin + step, unit));
          const half = (width / 900) * bin * 0.5;
          for (const [part, value] of [[0.5, Math.min(...steps)], [1.5, Math.max(...steps)]] as const) {
            await expect.poll(() => pixelOf(canvas, Math.floor(70 + (2 * column + part) * half), 3)).toEqual(rgbOf(state.css(logitScale.place(value))));
          }
        }
      },
      { width: 800, height: 1200 },
    ));
});
