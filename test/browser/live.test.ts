import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunInfo } from '../../src/shared/run';
import { LiveSession, type LiveRuns } from '../../src/views/liveService';
import { workshop } from '../unit/runs/support';
import { formatExact } from '../../webview/format';
import { violationsOf } from './axe';
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

  it('stays within its width in every theme, with its words above 10 pixels and nothing that axe finds wrong', async () => {
    const runs = shop.runs();
    const ended = await (await runs.train(shop.writeSpec({ training: { steps: 60 } }))).finished;
    for (const theme of Object.keys(themes)) {
      await withLive(runs, ended, async ({ page }) => {
        await page.locator('#live[data-state=done]').waitFor();
        await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(300);
        const sizes = await page.locator('#live *').evaluateAll((all) => all.filter((each) => each.isConnected && each.textContent !== '' && each instanceof HTMLElement).map((each) => parseFloat(getComputedStyle(each).fontSize)));
        expect(Math.min(...sizes)).toBeGreaterThanOrEqual(10);
        expect(await violationsOf(page)).toEqual([]);
        if (process.env['UNROLL_PICTURES']) await page.screenshot({ path: `.cache/pictures/live-${theme}.png` });
      }, theme);
    }
  });

  it('tells the exact number under the pointer', async () => {
    const runs = shop.runs();
    const ended = await (await runs.train(shop.writeSpec({ training: { steps: 40 } }))).finished;
    const { columns } = await runs.metrics(ended.folder);
    await withLive(runs, ended, async ({ page }) => {
      await page.locator('#live[data-state=done]').waitFor();
      for (const [row, name, values] of [[0, 'training loss', columns.loss], [1, 'gradient norm', columns.gradNorm]] as const) {
        const curve = page.locator('.row .curve').nth(row);
        const read = async (): Promise<string[]> => {
          const box = (await curve.boundingBox())!;
          await page.mouse.move(box.x + ((box.width - 5) * 21) / 40 + 1, box.y + 20);
          await page.mouse.move(box.x + ((box.width - 5) * 21) / 40, box.y + 20);
          return curve.locator('.lens p').allTextContents();
        };
        await expect.poll(read).toEqual(['step 21', `${name} ${formatExact(values[20])}`]);
      }
      await page.mouse.move(2, 2);
      await expect.poll(() => page.locator('.lens').filter({ visible: true }).count()).toBe(0);
    });
  });

  it('marks each answer to a held-out example as right or wrong', async () => {
    const runs = shop.runs();
    const task = { kind: 'synthetic', problem: 'recall', length: 14, lag: 4, data: undefined, tokens: undefined };
    const ended = await (await runs.train(shop.writeSpec({ task, training: { steps: 25, window: 14 } }))).finished;
    const { predictions, targets, losses } = await runs.trace({ run: ended.folder, checkpoint: ended.checkpoints.at(-1)!, sample: { kind: 'held-out', index: 0 } });
    const asked = losses.flatMap((loss, t) => (loss === null ? [] : [t]));
    const right = asked.map((t) => predictions[t]![0]!.token === targets[t]);
    await withLive(runs, ended, async ({ page }) => {
      const answers = page.locator('.written .answer');
      await expect.poll(() => answers.evaluateAll((all) => all.map((each) => each.classList.contains('right')))).toEqual(right);
      expect(right).toContain(false);
      await expect.poll(() => answers.nth(right.indexOf(false)).getAttribute('title')).toBe(`wrong: ${targets[asked[right.indexOf(false)]!]} is right`);
      await expect.poll(() => page.locator('.right-answer').textContent()).toContain(asked.length === 1 ? 'is right' : `${right.filter(Boolean).length} of ${right.length} right`);
      if (process.env['UNROLL_PICTURES']) await page.screenshot({ path: '.cache/pictures/live-answers.png' });
      expect(await violationsOf(page)).toEqual([]);
    });
  });
});
