import { describe, expect, it } from 'vitest';
import { readFile } from 'node:fs/promises';
import type { Runs } from '../../src/runs/runs';
import { workshop } from '../unit/runs/support';
import { browsing } from './browsing';
import { openInspector, type InspectorPage } from './inspectorPage';
import { ModelRuns, specPath, specText } from './modelRuns';
import { typeset } from '../../webview/inspector/verdict/verdictText';
import { themes } from './themes';

const shop = workshop();
const chromium = browsing();

/** A vanilla RNN, trained for a moment, that is to remember a symbol 40 steps back: more than its weights can carry. */
async function forgetful(runs: Runs): Promise<string> {
  const spec = shop.writeSpec({ task: { kind: 'synthetic', problem: 'recall', length: 60, lag: 40, data: undefined, tokens: undefined }, layers: [{ cell: 'rnn', units: 12 }], training: { batch: 16, window: 60, steps: 20 } });
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

  it('stays within a narrow panel in every theme', { timeout: 120_000 }, async () => {
    const runs = shop.runs();
    const path = await forgetful(runs);
    for (const theme of Object.keys(themes)) {
      await withPanel(runs, path, theme, async ({ page }) => {
        await page.locator('.verdict[data-verdict=cannot-carry]').waitFor({ timeout: 60_000 });
        await page.setViewportSize({ width: 500, height: 900 });
        await expect.poll(() => page.locator('.verdict').evaluate((bar) => bar.scrollWidth)).toBeLessThanOrEqual(500);
        if (process.env['UNROLL_PICTURES']) await page.screenshot({ path: `.cache/pictures/verdict-${theme}-500.png` });
      });
    }
  });

  it('says in words why there is none', async () => {
    const runs = new ModelRuns([{ cell: 'lstm', units: 6 }]).train(4, [4]);
    const panel = await openInspector(chromium.browser, { origin: chromium.origin, runs, target: { specPath }, specText: specText([{ cell: 'lstm', units: 6 }]) });
    await panel.page.getByText('Diagnose memory').click();
    await expect.poll(() => panel.page.locator('.verdict [role=alert]').textContent()).toBe('This model has no data to be diagnosed on.');
    await panel.close();
  });
});
