import { describe, expect, it } from 'vitest';
import { readFile } from 'node:fs/promises';
import type { Runs } from '../../src/runs/runs';
import { workshop } from '../unit/runs/support';
import { browsing } from './browsing';
import { textsOf } from './inspecting';
import { openInspector, type InspectorPage } from './inspectorPage';
import { ModelRuns, specPath, specText } from './modelRuns';
import { formatExact } from '../../webview/format';
import { typeset } from '../../webview/inspector/verdict/verdictText';
import { themes } from './themes';

const shop = workshop();
const chromium = browsing();

/** A vanilla RNN, trained for a moment, that is to remember a symbol 40 steps back: more than its weights can carry. */
async function forgetful(runs: Runs, cell = 'rnn'): Promise<string> {
  const spec = shop.writeSpec({ task: { kind: 'synthetic', problem: 'recall', length: 60, lag: 40, data: undefined, tokens: undefined }, layers: [{ cell, units: 12 }], training: { batch: 16, window: 60, steps: 20 } });
  await (await runs.train(spec)).finished;
  return spec;
}

async function withPanel(runs: Runs, path: string, theme: string, use: (panel: InspectorPage) => Promise<void>): Promise<void> {
  const panel = await openInspector(chromium.browser, { origin: chromium.origin, runs, target: { specPath: path }, specText: await readFile(path, 'utf8'), theme, width: 1200, state: { specPath: path } });
  try {
    await panel.page.getByText('Diagnose memory').click();
    await use(panel);
    expect(panel.complaints).toEqual([]);
  } finally {
    await panel.close();
  }
}

describe('the verdict above the figures', () => {
  it('says why a model forgets, with numbers, and offers edits that nothing makes by itself', { timeout: 120_000 }, async () => {
    const runs = shop.runs();
    const path = await forgetful(runs);
    const wanted = await runs.diagnose({ specPath: path });
    await withPanel(runs, path, 'vscode-dark', async ({ page, workbench }) => {
      const bar = page.locator('.verdict');
      await page.locator(`.verdict[data-verdict=${wanted.verdict}]`).waitFor({ timeout: 60_000 });
      expect(wanted.verdict).toBe('cannot-carry');
      await expect.poll(() => bar.locator('.verdict-words p').first().textContent()).toBe(typeset(wanted.sentence));
      await expect.poll(() => bar.getByText('Preview').count()).toBe(wanted.fixes.length);
      await expect.poll(() => bar.getByText('Preview').filter({ visible: true }).count()).toBe(1);
      await expect.poll(() => bar.textContent()).toContain('true lag 40');
      await bar.getByText(`Try: ${wanted.fixes[0]!.title}`).click();
      await bar.getByText('Preview').first().click();
      await expect.poll(() => workbench.calls.filter((call) => call.includes('Fix'))).toEqual([`tryFix ${wanted.fixes[0]!.title}`, `previewFix ${wanted.fixes[0]!.title}`]);
      await bar.getByText('Show the numbers').click();
      const carries = (): Promise<number[]> => bar.locator('tbody tr').evaluateAll((all) => all.map((row) => Number(row.querySelector('td[data-value]')?.getAttribute('data-value'))));
      await expect.poll(carries).toEqual(wanted.carry.map((value) => expect.closeTo(value, 8)));
      if (process.env['UNROLL_PICTURES']) await page.screenshot({ path: '.cache/pictures/verdict-dark.png' });
    });
  });

  it('opens the other edits, and tells again what was found out when the page comes back', { timeout: 120_000 }, async () => {
    const runs = shop.runs();
    const path = await forgetful(runs);
    await withPanel(runs, path, 'vscode-light', async ({ page, workbench }) => {
      const bar = page.locator('.verdict');
      await page.locator('.verdict[data-verdict=cannot-carry]').waitFor({ timeout: 60_000 });
      await bar.locator('summary').click();
      await bar.getByText('Try: Use GRU cells').click();
      await expect.poll(() => workbench.calls).toEqual(['tryFix Use GRU cells']);
      await page.reload();
      await page.locator('.verdict[data-verdict=cannot-carry]').waitFor();
    });
  });

  it('tells the exact numbers of a lag, and draws the lag that the data want among the time constants', { timeout: 120_000 }, async () => {
    const runs = shop.runs();
    const path = await forgetful(runs, 'gru');
    const { lags, carry, demand, demandLow, demandHigh, use, useLow, useHigh, wantedLag } = await runs.diagnose({ specPath: path });
    expect(wantedLag).toBe(40);
    await withPanel(runs, path, 'vscode-dark', async ({ page }) => {
      await page.locator('.verdict-chart').waitFor({ timeout: 60_000 });
      const chart = page.locator('.verdict-chart');
      const read = async (): Promise<string[]> => {
        const box = (await chart.locator('canvas').boundingBox())!;
        await page.mouse.move(box.x + box.width - 59, box.y + 20);
        await page.mouse.move(box.x + box.width - 58, box.y + 20);
        return chart.locator('.lens p').allTextContents();
      };
      const last = lags.length - 1;
      const interval = (values: readonly number[], low: readonly number[], high: readonly number[]): string => `${formatExact(values[last])} (95 %: ${formatExact(low[last])} to ${formatExact(high[last])})`;
      await expect.poll(read).toEqual([`lag ${lags[last]}`, `carry ${formatExact(carry[last])}`, `demand ${interval(demand, demandLow, demandHigh)}`, `use ${interval(use, useLow, useHigh)}`]);
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      const said = await textsOf(page, '[data-figure="Time constants"] .said');
      const copied = async (): Promise<string> => {
        await page.getByRole('button', { name: 'Copy: Time constants' }).press('Enter');
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('Enter');
        await expect.poll(said).toContain('Copied');
        return page.evaluate(() => navigator.clipboard.readText());
      };
      await expect.poll(copied).toContain('the data want lag 40');
    });
  });

  it('stays within a narrow panel in every theme', { timeout: 120_000 }, async () => {
    const runs = shop.runs();
    const path = await forgetful(runs);
    await withPanel(runs, path, 'vscode-dark', async ({ page, setTheme }) => {
      await page.locator('.verdict[data-verdict=cannot-carry]').waitFor({ timeout: 60_000 });
      await page.setViewportSize({ width: 500, height: 900 });
      for (const theme of Object.keys(themes)) {
        await setTheme(theme);
        await expect.poll(() => page.locator('.verdict').evaluate((bar) => bar.scrollWidth)).toBeLessThanOrEqual(500);
        await expect.poll(() => page.locator('.verdict-title').evaluate((title) => title.scrollWidth - title.clientWidth)).toBe(0);
        if (process.env['UNROLL_PICTURES']) await page.screenshot({ path: `.cache/pictures/verdict-${theme}-500.png` });
      }
    });
  });

  it('says in words why there is none', async () => {
    const runs = new ModelRuns([{ cell: 'lstm', units: 6 }]).train(4, [4]);
    const panel = await openInspector(chromium.browser, { origin: chromium.origin, runs, target: { specPath }, specText: specText([{ cell: 'lstm', units: 6 }]) });
    await panel.page.getByText('Diagnose memory').click();
    await expect.poll(() => panel.page.locator('.verdict [role=alert]').textContent()).toBe('This model has no data to be diagnosed on.');
    await panel.close();
  });
});
