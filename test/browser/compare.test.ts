import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunInfo } from '../../src/shared/run';
import { cellKinds, cellNames } from '../../src/spec/cellVariants';
import { restoredTarget } from '../../src/views/compareService';
import { workshop } from '../unit/runs/support';
import { violationsOf } from './axe';
import { launchChromium } from './chromium';
import { openComparison, type ComparePage } from './comparePage';
import { untilAllHold } from './untilAllHold';

const shop = workshop();
let browser: Browser;
beforeAll(async () => void (browser = await launchChromium()));
afterAll(() => browser.close());

/** Trains an LSTM, a GRU and a vanilla RNN for a moment and opens them side by side. */
async function compareCells<T>(use: (comparison: ComparePage, infos: readonly RunInfo[]) => Promise<T>, theme?: string): Promise<T> {
  const runs = shop.runs();
  const infos: RunInfo[] = [];
  for (const cell of cellKinds) {
    const spec = shop.writeSpec({ name: cell, layers: [{ cell, units: 8 }], inspect: { text: 'call me ishmael some years ago' } }, `${cell}.rnn.json`);
    infos.push(await (await runs.train(spec)).finished);
  }
  const labels = Object.fromEntries(infos.map(({ folder }, i) => [folder, cellNames[cellKinds[i]!]]));
  const comparison = await openComparison(browser, runs, { title: 'Cells · small', runs: infos.map(({ folder }) => folder), labels, kind: { cells: 3 } }, theme);
  try {
    await comparison.page.waitForSelector('.overview-table tbody tr:nth-child(3)');
    return await use(comparison, infos);
  } finally {
    await comparison.close();
  }
}

describe('the comparison page', () => {
  it('shows size, speed and result of each model and weighs the rule of thumb', async () => {
    await compareCells(async ({ page, complaints }, infos) => {
      await untilAllHold(async () => {
        const rows = await page.locator('.overview-table tbody tr').evaluateAll((all) => all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent)));
        expect(rows.map(([label]) => label)).toEqual(['LSTM', 'GRU', 'vanilla RNN']);
        rows.forEach((row, i) => {
          expect(row[2]).toBe(infos[i]!.parameters.toLocaleString('en-US'));
          expect(Number(row[7])).toBeCloseTo(infos[i]!.validationLoss!, 2);
          expect(row[9]).toMatch(/^(≥ )?\d+$/);
        });
      });
      await expect.poll(() => page.locator('.sentence').textContent()).toMatch(/^After 30 steps with one seed, .*validation loss .*LSTM \d\.\d{3}/);
      expect(complaints).toEqual([]);
      expect(await page.evaluate(() => (window as unknown as { violations: string[] }).violations)).toEqual([]);
    });
  });

  it('names its three figures, draws a line for each model and tells lines apart by more than hue', async () => {
    await compareCells(async ({ page }) => {
      await expect.poll(() => page.locator('[role=figure]').evaluateAll((all) => all.map((figure) => figure.getAttribute('aria-label')))).toEqual(['Loss by step', 'Loss by time', 'Gradient by lag']);
      for (const name of ['Loss by step', 'Loss by time', 'Gradient by lag']) {
        const figure = page.locator(`[role=figure][aria-label="${name}"]`);
        await expect.poll(() => figure.locator('.legend .key').allTextContents()).toEqual(['LSTM', 'GRU', 'vanilla RNN']);
        const inked = (): Promise<number> => figure.locator('.curve canvas').evaluate((element) => {
          const canvas = element as HTMLCanvasElement;
          const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
          const colors = new Set<string>();
          for (let i = 0; i < data.length; i += 4) if (data[i + 3]! > 250) colors.add(`${data[i]},${data[i + 1]},${data[i + 2]}`);
          return colors.size;
        });
        await expect.poll(inked).toBeGreaterThanOrEqual(3);
        const samples = (): Promise<string[]> => figure.locator('.legend canvas').evaluateAll((all) =>
          all.map((element) => {
            const canvas = element as HTMLCanvasElement;
            const row = canvas.getContext('2d')!.getImageData(0, Math.floor(canvas.height / 2), canvas.width, 1).data;
            return Array.from({ length: canvas.width }, (_, x) => (row[4 * x + 3]! > 128 ? '#' : ' ')).join('');
          }),
        );
        await expect.poll(async () => new Set(await samples()).size).toBe(3);
      }
    });
  });

  it('tells the exact numbers of every model under the pointer', async () => {
    await compareCells(async ({ page }) => {
      const plot = page.locator('[data-figure="Gradient by lag"] .curve');
      await plot.scrollIntoViewIfNeeded();
      const read = async (): Promise<string[]> => {
        const box = (await plot.boundingBox())!;
        await page.mouse.move(box.x + 47, box.y + 30);
        await page.mouse.move(box.x + 46, box.y + 30);
        return plot.locator('.lens p').allTextContents();
      };
      // Every line begins at 1: a share of lag 0.
      await expect.poll(read).toEqual(['LSTM', 'GRU', 'vanilla RNN'].map((label) => `${label}, lag 0: 1`));
    });
  });

  it('keeps what it compares for a window that is built again', async () => {
    await compareCells(async ({ page }, infos) => {
      const runs = infos.map(({ folder }) => folder);
      await expect.poll(async () => restoredTarget(await page.evaluate(() => JSON.parse(sessionStorage.getItem('state') ?? 'null') as unknown))).toEqual({ title: 'Cells · small', runs, labels: Object.fromEntries(runs.map((run, i) => [run, ['LSTM', 'GRU', 'vanilla RNN'][i]])), kind: { cells: 3 } });
      for (const other of [null, { specPath: 'a' }, { title: 'a', runs: [], kind: 'runs' }]) expect(restoredTarget(other)).toBeUndefined();
    });
  });

  it('gives the numbers of a figure as tables, by button and by key', async () => {
    await compareCells(async ({ page }) => {
      const figure = page.locator('[role=figure][aria-label="Gradient by lag"]');
      await figure.focus();
      await page.keyboard.press('t');
      await expect.poll(() => figure.locator('caption').allTextContents()).toEqual(['LSTM', 'GRU', 'vanilla RNN']);
      await expect.poll(() => figure.locator('table').first().locator('tbody tr').first().locator('td').allTextContents()).toEqual(['0', '1.00']);
      await figure.getByRole('button', { name: 'View as table' }).click();
      await expect.poll(() => figure.locator('table').count()).toBe(0);
    });
  });

  it.each(['vscode-dark', 'vscode-light', 'vscode-high-contrast', 'vscode-high-contrast-light'])('passes axe in %s', async (theme) => {
    await compareCells(async ({ page }) => {
      expect(await violationsOf(page)).toEqual([]);
    }, theme);
  });

  it('follows a run that trains on', async () => {
    const runs = shop.runs();
    const done = await (await runs.train(shop.spec)).finished;
    const training = await runs.train(shop.writeSpec({ training: { steps: 1_000_000 } }, 'long.rnn.json'));
    const comparison = await openComparison(browser, runs, { title: 'Comparison', runs: [done.folder, training.info.folder], kind: 'runs' });
    try {
      const steps = async (): Promise<number> => Number((await comparison.page.locator('.overview-table tbody tr:nth-child(2) td:nth-child(4)').textContent())?.replaceAll(',', ''));
      await comparison.page.waitForSelector('.overview-table tbody tr:nth-child(2)');
      const first = await steps();
      await expect.poll(steps).toBeGreaterThan(first);
      await expect.poll(() => comparison.page.locator('.reasons').textContent()).toContain('still training');
      await training.stop();
      await expect.poll(() => comparison.page.locator('.overview-table tbody tr:nth-child(2) td').first().textContent()).toContain('stopped');
    } finally {
      await comparison.close();
    }
  });
});
