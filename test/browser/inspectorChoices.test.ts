import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { colorMaps } from '../../webview/colorMaps';
import { gradientDecades, logitScale, symmetric } from '../../webview/plots/scales';
import { figureOf, inspecting, pixelOf, rgbOf } from './inspecting';
import { ModelRuns, numberAt, sample } from './modelRuns';

const layers = [{ cell: 'gru', units: 6 }];
const runs = new ModelRuns(layers).train(8, [8]);
const trace = runs.traceNow({ checkpoint: 'latest' });
const traced = inspecting(runs, layers);
const { state, signed, signal } = colorMaps('vscode-dark');

/** Left edge of column t plus a few pixels, where no letter stands: gutter 70, right margin 28. */
const inColumn = async (canvas: Locator, column: number): Promise<number> => 70 + (column * ((await canvas.evaluate((element) => element.clientWidth)) - 98)) / sample.length + 2;

describe('the update gate of a GRU', () => {
  it('is PyTorch’s z until the person picks CS224n’s u = 1 − z, and the label says which', () =>
    traced(async (inspector) => {
      const gates = figureOf(inspector, 'Gate activations');
      const heatmap = gates.locator('[data-track="gate.update"] .heatmap canvas');
      await gates.getByLabel('Sort by').selectOption('index');
      const z = numberAt(trace, 'layer0.forward.gate.update', 20, 3);
      const shown = async (): Promise<number[]> => pixelOf(heatmap, (await inColumn(heatmap, 20)) + 3, 3 * 6 + 3);
      await expect.poll(shown).toEqual(rgbOf(state.css(logitScale.place(z))));
      await gates.getByLabel('Update gate').selectOption('u');
      await expect.poll(() => gates.locator('.note').textContent()).toContain('CS224n’s u: 0 keeps');
      await expect.poll(() => gates.locator('[data-track="gate.update"] .track-button').textContent()).toBe('update u');
      await expect.poll(shown).toEqual(rgbOf(state.css(logitScale.place(1 - z))));
      const mean = Array.from({ length: 6 }, (_, unit) => 1 - numberAt(trace, 'layer0.forward.gate.update', sample.length - 1, unit)).reduce((sum, value) => sum + value) / 6;
      const value = inspector.page.locator('.values div').filter({ has: inspector.page.locator('dt:text-is("mean update u")') }).locator('dd');
      await expect.poll(() => value.textContent()).toBe(mean.toFixed(2));
    }));
});

describe('the lower row of the text', () => {
  it('shows one unit in the colours of its numbers, also the one that was clicked in a heatmap', () =>
    traced(async (inspector) => {
      const tokens = figureOf(inspector, 'Tokens');
      const strip = tokens.locator('.plot canvas').first();
      await tokens.getByLabel('Lower row').selectOption('h');
      await tokens.getByLabel('Unit').selectOption('4');
      const h = numberAt(trace, 'layer0.forward.h', 30, 4);
      await expect.poll(async () => pixelOf(strip, await inColumn(strip, 30), 18 + 24 + 3 + 3)).toEqual(rgbOf(signed.css(symmetric(1).place(h))));
      const gates = figureOf(inspector, 'Gate activations');
      await gates.getByLabel('Sort by').selectOption('index');
      const heatmap = gates.locator('[data-track="gate.update"] .heatmap canvas');
      await expect.poll(async () => {
        await heatmap.click({ position: { x: 300, y: 2 * 6 + 2 } });
        return tokens.getByLabel('Unit').inputValue();
      }).toBe('2');
      await expect.poll(() => tokens.getByLabel('Lower row').inputValue()).toBe('gate.update');
      const z = numberAt(trace, 'layer0.forward.gate.update', 30, 2);
      await expect.poll(async () => pixelOf(strip, await inColumn(strip, 30), 18 + 24 + 3 + 3)).toEqual(rgbOf(state.css(logitScale.place(z))));
    }));

  it('is absolute until the person asks for a relative scale, and the scale bar says which', () =>
    traced(async (inspector) => {
      const tokens = figureOf(inspector, 'Tokens');
      const strip = tokens.locator('.plot canvas').first();
      const bars = (): Promise<string[]> => tokens.locator('.scale-bar').allTextContents();
      const norm = numberAt(trace, 'layer0.forward.flow', sample.length - 2, 40);
      const shown = async (): Promise<number[]> => pixelOf(strip, await inColumn(strip, 40), 18 + 24 + 3 + 3);
      await expect.poll(shown).toEqual(rgbOf(signal.css(gradientDecades.place(norm))));
      await expect.poll(async () => (await bars())[1]).toBe('influence ‖∂ℓ/∂hₖ‖10⁻⁸1');
      await tokens.getByLabel('Scale').selectOption('relative');
      const largest = Math.max(...Array.from({ length: sample.length }, (_, k) => numberAt(trace, 'layer0.forward.flow', sample.length - 2, k)));
      await expect.poll(shown).toEqual(rgbOf(signal.css(Math.max(0, 1 + Math.log10(norm / largest) / 8))));
      await expect.poll(async () => (await bars())[1]).toContain('10⁻⁸ of largest');
    }));
});
