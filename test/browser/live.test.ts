import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunInfo } from '../../src/shared/run';
import { LiveSession, type LiveRuns } from '../../src/views/liveService';
import { workshop } from '../unit/runs/support';
import { launchChromium } from './chromium';
import { themes } from './themes';
import { openWebview } from './webviewPage';

const shop = workshop();
let browser: Browser;
beforeAll(async () => void (browser = await launchChromium()));
afterAll(() => browser.close());

async function withLive(runs: LiveRuns, newest: RunInfo | undefined, use: (live: { page: Awaited<ReturnType<Browser['newPage']>>; calls: string[] }) => Promise<void>, theme = 'vscode-dark'): Promise<void> {
  const calls: string[] = [];
  const workbench = { newestRun: async () => newest, copy: async (text: string) => void calls.push(`copy ${text}`), newModel: async () => void calls.push('newModel'), shows: () => undefined };
  const live = await openWebview(browser, 'live', (transport) => new LiveSession(runs, workbench, transport), { theme, width: 300, height: 620 });
  try {
    await use({ page: live.page, calls });
    expect(live.complaints).toEqual([]);
  } finally {
    await live.close();
  }
}

describe('the Live view', () => {
  it('follows a training: loss, norm, progress and the newest sample', async () => {
    const runs = shop.runs();
    await withLive(runs, undefined, async ({ page, calls }) => {
      await page.getByText('Nothing has been trained here yet').waitFor();
      const training = await runs.train(shop.writeSpec({ training: { steps: 120, evaluateEvery: 40, checkpointEvery: 40 }, inspect: { text: 'call me ishmael' } }));
      const ended = await training.finished;
      await page.locator('#live[data-state=done]').waitFor();
      await expect.poll(() => page.locator('.row').first().textContent()).toContain(ended.validationLoss!.toFixed(3));
      await expect.poll(() => page.locator('.head').textContent()).toContain('done, 120 steps');
      await expect.poll(() => page.locator('progress').evaluate((bar: HTMLProgressElement) => bar.value)).toBe(1);
      await expect.poll(() => page.locator('.row').nth(1).textContent()).toContain('% clipped');
      await expect.poll(() => page.locator('.written').textContent()).toMatch(/^call me[^]{160}$/);
      await page.getByText('Copy').click();
      await expect.poll(() => calls).toEqual([`copy ${await page.locator('.written').textContent()}`]); // done: what is written stays
    });
  });

  it('offers a new model where nothing was trained', async () => {
    await withLive(shop.runs(), undefined, async ({ page, calls }) => {
      await page.getByText('New Model', { exact: true }).click();
      await expect.poll(() => calls).toEqual(['newModel']);
    });
  });

  it('stays within its width in every theme, with its words above 10 pixels', async () => {
    const runs = shop.runs();
    const ended = await (await runs.train(shop.writeSpec({ training: { steps: 60 } }))).finished;
    for (const theme of Object.keys(themes)) {
      await withLive(runs, ended, async ({ page }) => {
        await page.locator('#live[data-state=done]').waitFor();
        await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(300);
        const sizes = await page.locator('#live *').evaluateAll((all) => all.filter((each) => each.isConnected && each.textContent !== '' && each instanceof HTMLElement).map((each) => parseFloat(getComputedStyle(each).fontSize)));
        expect(Math.min(...sizes)).toBeGreaterThanOrEqual(10);
        if (process.env['UNROLL_PICTURES']) await page.screenshot({ path: `.cache/pictures/live-${theme}.png` });
      }, theme);
    }
  });
});
