import { describe, expect, it } from 'vitest';
import type { InspectorPage } from './inspectorPage';
import { figureOf, inspecting, textsOf } from './inspecting';
import { ModelRuns, numberAt, sample, specPath } from './modelRuns';

const layers = [{ cell: 'lstm', units: 6 }];
const runs = new ModelRuns(layers).train(6, [0, 3, 6]);
const trace = runs.traceNow({ checkpoint: 'latest' });
const traced = inspecting(runs, layers);

/** What the clipboard holds after a person chose an entry of a figure's copy menu with the keyboard. */
async function copied({ page }: InspectorPage, figure: string, presses: number): Promise<{ type: string; text: string; bytes: number[] }> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const said = await textsOf(page, `[data-figure="${figure}"] .said`);
  await page.getByRole('button', { name: `Copy: ${figure}` }).press('Enter');
  for (let press = 0; press < presses; press++) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect.poll(said).toContain('Copied');
  return page.evaluate(async () => {
    const [item] = await navigator.clipboard.read();
    const type = item!.types[0]!;
    const blob = await item!.getType(type);
    return { type, text: await blob.text(), bytes: [...new Uint8Array(await blob.arrayBuffer())].slice(0, 8) };
  });
}

describe('copies of a figure', () => {
  it('hold its numbers in full as CSV', () =>
    traced(async (inspector) => {
      const { text } = await copied(inspector, 'Gradient flow', 2);
      // Its caption stands before it once the table of the ribbon comes after it.
      const lines = (text.split('\r\n\r\n')[0] ?? '').trim().split('\r\n').map((line) => line.split(','));
      const rows = lines.slice(lines.findIndex(([head]) => head === 'step'));
      expect(rows[0]!.slice(0, 3)).toEqual(['step', 'token', '‖∂L/∂h‖']);
      expect(rows.length).toBe(sample.length + 1);
      const norm = Math.hypot(...Array.from({ length: 6 }, (_, unit) => numberAt(trace, 'layer0.forward.grad.h', 12, unit)));
      expect(Number(rows[13]![2])).toBeCloseTo(norm, 14);
    }));

  it('are vectors with text and a scale bar as SVG', () =>
    traced(async (inspector) => {
      const { text } = await copied(inspector, 'Flow matrix', 1);
      const facts = await inspector.page.evaluate((source) => {
        const parsed = new DOMParser().parseFromString(source, 'image/svg+xml');
        return {
          root: parsed.documentElement.nodeName,
          broken: parsed.querySelector('parsererror')?.textContent ?? '',
          texts: [...parsed.querySelectorAll('text')].map((node) => node.textContent),
          lines: parsed.querySelectorAll('path').length,
          images: [...parsed.querySelectorAll('image')].map((node) => node.getAttribute('href')?.slice(0, 22)),
          colors: /color-mix|var\(/.test(source),
        };
      }, text);
      expect(facts).toMatchObject({ root: 'svg', broken: '', colors: false });
      expect(facts.texts).toEqual(expect.arrayContaining(['Flow matrix', '10⁻⁸', 'loss of step t']));
      expect(facts.lines).toBeGreaterThan(8);
      expect(new Set(facts.images)).toEqual(new Set(['data:image/png;base64,']));
    }));

  it('are pixels as PNG, twice as fine as the page', () =>
    traced(async (inspector) => {
      const { type, bytes } = await copied(inspector, 'Tokens', 0);
      expect(type).toBe('image/png');
      expect(bytes).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
    }));

  it('hold the whole trace as JSON: weights, sample, and every tensor with its shape', () =>
    traced(async (inspector) => {
      const { text } = await copied(inspector, 'Gradient flow', 3);
      const { spec, step, tokens, losses, tensors } = JSON.parse(text) as { spec: string; step: number; tokens: string[]; losses: number[]; tensors: Record<string, { shape: number[]; data: (number | null)[] }> };
      expect([spec, step, tokens.join('')]).toEqual([specPath, 6, sample]);
      expect(losses).toEqual(trace.losses);
      const floats = [...trace.tensors].flatMap(([name, { shape, data }]) => (data instanceof Float64Array ? [[name, { shape, data }] as const] : []));
      expect(Object.keys(tensors)).toEqual(floats.map(([name]) => name));
      for (const [name, { shape, data }] of floats) expect(tensors[name], name).toEqual({ shape, data: Array.from(data, (value) => (Number.isNaN(value) ? null : value)) });
    }));

  it('hold the command that writes the trace, with the step and the text that are shown', () =>
    traced(async (inspector) => {
      const { text } = await copied(inspector, 'Time constants', 4);
      expect(text).toBe(`unroll trace ${specPath} --run ${runs.infos[0]!.folder} --step 6 --text '${sample}' --out trace.safetensors`);
    }));

  it('leave the menu to Escape, and give the focus back', () =>
    traced(async ({ page }) => {
      const button = page.getByRole('button', { name: 'Copy: Loss' });
      await button.press('Enter');
      await expect.poll(() => page.getByRole('menuitem', { name: 'Copy as PNG' }).evaluate((item) => item === document.activeElement)).toBe(true);
      await page.keyboard.press('Escape');
      await expect.poll(() => button.evaluate((element) => element === document.activeElement)).toBe(true);
      await expect.poll(() => page.locator('[data-figure="Loss"] .menu').isVisible()).toBe(false);
    }));
});

describe('what a person does not look at', () => {
  it('is not drawn: a collapsed figure keeps its header alone, also after a reload', () =>
    traced(async (inspector) => {
      const { page } = inspector;
      await page.getByRole('button', { name: 'Gradient flow', exact: true }).click();
      await expect.poll(() => figureOf(inspector, 'Gradient flow').locator('canvas').first().isVisible()).toBe(false);
      await page.waitForFunction(() => JSON.parse(sessionStorage.getItem('state') ?? '{}').collapsed?.includes('Gradient flow'));
      await page.reload();
      await page.waitForSelector('#inspector[data-state=traced]');
      const canvas = figureOf(inspector, 'Gradient flow').locator('.plot canvas');
      await expect.poll(() => canvas.isVisible()).toBe(false);
      await expect.poll(() => canvas.evaluate((element) => (element as HTMLCanvasElement).width)).toBe(300); // a canvas that nobody sized
      await page.getByRole('button', { name: 'Gradient flow', exact: true }).click();
      await expect.poll(() => canvas.evaluate((element) => (element as HTMLCanvasElement).width)).toBeGreaterThan(300);
    }));

  it('is drawn when it scrolls into sight', () =>
    traced(
      async (inspector) => {
        const canvas = figureOf(inspector, 'Flow matrix').locator('.plot canvas').first();
        await expect.poll(() => canvas.evaluate((element) => (element as HTMLCanvasElement).width)).toBe(300);
        await canvas.scrollIntoViewIfNeeded();
        await expect.poll(() => canvas.evaluate((element) => (element as HTMLCanvasElement).width)).toBeGreaterThan(300);
      },
      { height: 300 },
    ));
});

describe('two traces side by side', () => {
  it('share window, crosshair and scales, and each has its own numbers', () =>
    traced(
      async (inspector) => {
        const { page } = inspector;
        await page.getByRole('button', { name: 'Compare with other weights' }).click();
        const steps = page.locator('.step strong');
        await expect.poll(() => steps.allTextContents()).toEqual(['6', '0']);
        await figureOf(inspector, 'Tokens').first().press('Home');
        for (let press = 0; press < 5; press++) await figureOf(inspector, 'Tokens').first().press('ArrowRight');
        const first = runs.traceNow({ checkpoint: 0 });
        const surprisal = page.locator('.values div').filter({ has: page.locator('dt:text-is("surprisal")') }).locator('dd');
        await expect.poll(() => surprisal.allTextContents()).toEqual([trace, first].map(({ losses }) => `${losses[5]!.toFixed(2)} nats`));
        const columns = (): Promise<number[]> => page.locator('.time').evaluateAll((all) => all.map((column) => column.querySelector<HTMLElement>('.crosshair')!.getBoundingClientRect().left - column.getBoundingClientRect().left));
        await expect.poll(async () => (([left, right]) => Math.abs(left! - right!))(await columns())).toBeLessThanOrEqual(1);
        // The cell state of trained weights is larger; its scale is the larger one in both.
        for (const button of await page.getByRole('button', { name: 'cell c: show every unit' }).all()) await button.scrollIntoViewIfNeeded();
        await page.getByRole('button', { name: 'cell c: show every unit' }).first().click();
        await expect.poll(async () => new Set(await figureOf(inspector, 'Gate activations').locator('.scale-bar').allTextContents()).size).toBe(2);
        await page.getByRole('slider', { name: 'Checkpoint beside' }).press('ArrowRight');
        await expect.poll(() => steps.allTextContents()).toEqual(['6', '3']);
        // A window that is built again compares the same.
        await page.waitForFunction(() => JSON.parse(sessionStorage.getItem('state') ?? '{}').beside?.checkpoint === 3);
        await page.reload();
        await expect.poll(() => steps.allTextContents()).toEqual(['6', '3']);
        await page.getByRole('button', { name: 'Compare with other weights' }).click();
        await expect.poll(() => page.locator('.time').count()).toBe(1);
        expect(inspector.complaints).toEqual([]);
      },
      { width: 1500 },
    ));
});
