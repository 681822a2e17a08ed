import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { initialCarry } from '../../src/diagnosis/initial/initialCarry';
import { initialNetworks } from '../../src/diagnosis/initial/network';
import { imagined } from '../../src/diagnosis/initial/whatIf';
import { parseSpec } from '../../src/spec/parse';
import { browsing } from './browsing';
import { openInspector, type InspectorPage } from './inspectorPage';
import { ModelRuns, specPath, specText } from './modelRuns';
import { themes } from './themes';

const layers = [{ cell: 'lstm', units: 24 }];
const network = initialNetworks(parseSpec(specText(layers)).spec!)[0]!.network;

const chromium = browsing();

async function withPanel(use: (panel: InspectorPage) => Promise<void>, options: { readonly trained?: 'trained' } = {}): Promise<void> {
  const runs = new ModelRuns(layers).train(2, [2]);
  if (options.trained === undefined) runs.infos = [];
  const panel = await openInspector(chromium.browser, { origin: chromium.origin, runs, target: { specPath }, specText: specText(layers), state: { specPath } });
  try {
    await panel.page.locator('[data-figure="What if, before training"]:visible').waitFor();
    await use(panel);
    expect(panel.complaints).toEqual([]);
  } finally {
    await panel.close();
  }
}

const figure = (page: Page) => page.locator('[data-figure="What if, before training"]:visible');

/** The curves of the table, by column. */
async function curves(page: Page): Promise<Record<string, number[]>> {
  const own = figure(page);
  if ((await own.locator('tbody').count()) === 0) await own.getByRole('button', { name: 'View as table' }).click();
  await own.locator('tbody').waitFor();
  const [heads, rows] = await Promise.all([own.locator('thead th').allTextContents(), own.locator('tbody tr').evaluateAll((all) => all.map((row) => [...row.querySelectorAll('td[data-value]')].map((cell) => Number(cell.getAttribute('data-value')))))]);
  await own.getByRole('button', { name: 'View as table' }).click();
  return Object.fromEntries(heads.slice(1).map((name, column) => [name, rows.map((row) => row[column]!)]));
}

const names = async (page: Page): Promise<string[]> => Object.keys(await curves(page));

/** Moves a slider by the keyboard. */
async function press(page: Page, slider: string, key: string, times: number): Promise<void> {
  await figure(page).getByRole('slider', { name: slider }).focus();
  for (let i = 0; i < times; i++) await page.keyboard.press(key);
}

describe('what if, before training', () => {
  it('shows what the weights would carry although there is no run', () =>
    withPanel(async ({ page }) => {
      const [carry] = initialCarry(network);
      await expect.poll(() => figure(page).locator('.sentence').textContent()).toBe(`A change of the state reaches ${carry!.reach} steps before training.`);
      expect(carry!.rms).toHaveLength(201);
      await expect.poll(async () => (await curves(page))['layer 0']?.map(Math.log10)).toEqual(carry!.rms.map((value) => expect.closeTo(Math.log10(value), 6)));
    }));

  it('follows the sliders, keeps the spec’s own curve beside it, and previews the edit', () =>
    withPanel(async ({ page, workbench, stored }) => {
      await press(page, 'Forget bias', 'ArrowRight', 8);
      const wanted = initialCarry(imagined(network, { keepBias: 3 }));
      await expect.poll(() => figure(page).locator('.sentence').textContent()).toContain(`; as in the spec it reaches ${initialCarry(network)[0]!.reach} steps.`);
      await expect.poll(async () => (await curves(page))['layer 0']?.map(Math.log10)).toEqual(wanted[0]!.rms.map((value) => expect.closeTo(Math.log10(value), 6)));
      await expect.poll(() => names(page)).toEqual(['layer 0', 'layer 0 as in the spec']);
      await press(page, 'Layers', 'ArrowRight', 1);
      await press(page, 'Recurrent scale', 'ArrowLeft', 10);
      await expect.poll(() => names(page)).toEqual(['layer 0', 'layer 1', 'layer 0 as in the spec']);
      await expect.poll(async () => JSON.parse(((await stored()) as { options: Record<string, string> }).options['what-if']!)).toEqual({ keepBias: 3, depth: 2, recurrentScale: 0.5 });
      await figure(page).getByText('Preview in the spec').click();
      await expect.poll(() => workbench.calls).toEqual(['previewFix Begin as imagined']);
      await figure(page).getByText('As in the spec', { exact: true }).last().click();
      await expect.poll(() => names(page)).toEqual(['layer 0']);
    }));

  it('offers an update bias for a GRU and none for a vanilla RNN', () =>
    withPanel(async ({ page }) => {
      await figure(page).getByLabel('Cell').selectOption('gru');
      await figure(page).getByRole('slider', { name: 'Update bias' }).waitFor();
      await figure(page).getByLabel('Cell').selectOption('rnn');
      await expect.poll(() => figure(page).getByRole('slider').count()).toBe(3);
      await expect.poll(() => figure(page).locator('.sentence').textContent()).toContain('as in the spec');
    }));

  it('stands among the figures of a run, with a crosshair over the lags', () =>
    withPanel(
      async ({ page }) => {
        const own = figure(page);
        await own.scrollIntoViewIfNeeded();
        if (process.env['UNROLL_PICTURES']) await page.screenshot({ path: '.cache/pictures/what-if-traced.png' });
        await own.focus();
        for (const key of ['Home', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
        await expect.poll(() => own.locator('.step-readout').textContent()).toMatch(/^lag 2: layer 0 0\.\d+$/);
        const curve = own.locator('.curve');
        const read = async (): Promise<string[]> => {
          const box = (await curve.boundingBox())!;
          await page.mouse.move(box.x + 35, box.y + 20);
          await page.mouse.move(box.x + 34, box.y + 20);
          return curve.locator('.lens p').allTextContents();
        };
        await expect.poll(read).toEqual(['lag 0', 'layer 0 1']);
        await page.keyboard.press('Escape');
        await expect.poll(() => own.locator('.step-readout').textContent()).toMatch(/^layer 0: reaches \d+ steps$/);
      },
      { trained: 'trained' },
    ));

  it('fits into wide and narrow panels in every theme', () =>
    withPanel(async ({ page, setTheme }) => {
      await press(page, 'Forget bias', 'ArrowRight', 8);
      await press(page, 'Layers', 'ArrowRight', 2);
      for (const theme of Object.keys(themes)) {
        await setTheme(theme);
        for (const width of [500, 1300]) {
          await page.setViewportSize({ width, height: 900 });
          await expect.poll(() => figure(page).evaluate((element) => element.scrollWidth - element.clientWidth)).toBeLessThanOrEqual(0);
          if (process.env['UNROLL_PICTURES']) await page.screenshot({ path: `.cache/pictures/what-if-${theme}-${width}.png` });
        }
      }
    }));
});
