import type { Browser, Page } from 'playwright-core';
import { openInspector, servePage } from './inspectorPage';
import { ModelRuns, specPath, specText } from './modelRuns';

/*
 * How long the sliders of *What if* take: from a key to the frame in which the curve is painted anew. The curve is computed
 * in the page, by the same code that the figure ships with.
 */

const models = [
  { name: '1 × 128', layers: [{ cell: 'lstm', units: 128 }] },
  { name: '6 × 64', layers: Array.from({ length: 6 }, () => ({ cell: 'lstm', units: 64 })) },
  { name: '1 × 512', layers: [{ cell: 'lstm', units: 512 }] },
  { name: 'GRU 2 × 256', layers: Array.from({ length: 2 }, () => ({ cell: 'gru', units: 256 })) },
];

interface TimedPage {
  readonly moved: number[];
}

/** Runs in the page: notes for each slider that moves the milliseconds from its event to the end of the frame that paints what it changed. */
function watchSliders(): void {
  const moved: number[] = [];
  Object.assign(window, { moved });
  document.addEventListener(
    'input',
    ({ timeStamp }) => {
      requestAnimationFrame(() => {
        // A message comes after the frame is laid out and painted.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => moved.push(performance.now() - timeStamp);
        port2.postMessage(undefined);
      });
    },
    { capture: true },
  );
}

/** Moves every slider of the figure by single keys, each once the frame before is there. */
async function moveSliders(page: Page): Promise<readonly number[]> {
  const sliders = page.locator('[data-figure="What if, before training"]:visible').getByRole('slider');
  const read = (): Promise<number[]> => page.evaluate(() => (window as unknown as TimedPage).moved);
  for (const slider of await sliders.all()) {
    await slider.focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowLeft', 'ArrowLeft']) {
      const before = (await read()).length;
      await slider.press(key);
      for (let asked = 0; asked < 100 && (await read()).length === before; asked++) await page.waitForTimeout(10);
    }
  }
  return read();
}

/** Median and worst of the sliders of several models; the first key of a page meets cold code and counts too. */
export async function measureWhatIf(browser: Browser): Promise<string> {
  const server = await servePage();
  const report: string[] = [];
  for (const { name, layers } of models) {
    const runs = new ModelRuns([{ cell: 'lstm', units: 4 }]);
    runs.infos = [];
    const { page, close } = await openInspector(browser, { origin: server.origin, runs, target: { specPath }, specText: specText(layers), state: { specPath } });
    await page.locator('[data-figure="What if, before training"]:visible').waitFor();
    await page.evaluate(watchSliders);
    const sorted = [...(await moveSliders(page))].sort((a, b) => a - b);
    report.push(`what if, ${name}: ${sorted[Math.floor(sorted.length / 2)]?.toFixed(0)} ms from a slider to its frame (median of ${sorted.length}), ${sorted.at(-1)?.toFixed(0)} ms (worst)`);
    await close();
  }
  server.close();
  return report.join('\n');
}
