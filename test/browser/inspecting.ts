import type { Locator, Page } from 'playwright-core';
import { browsing } from './browsing';
import { openInspector, type InspectorPage, type OpenOptions } from './inspectorPage';
import { specPath, specText, type ModelRuns } from './modelRuns';

/** The page once every figure in sight is drawn with its own numbers. */
export const drawn = '#inspector[data-state=traced][data-figures=whole][data-flow=with-flow]';

/** Opens Inspectors of one test file in one browser; `use` gets a page whose trace has come. */
export function inspecting(runs: ModelRuns, layers: readonly object[]): (use: (inspector: InspectorPage) => Promise<void>, options?: Partial<OpenOptions>) => Promise<void> {
  const chromium = browsing();
  return async (use, options = {}) => {
    const inspector = await openInspector(chromium.browser, { origin: chromium.origin, runs, target: { specPath }, specText: specText(layers), ...options });
    try {
      await inspector.page.waitForSelector(drawn);
      await use(inspector);
    } finally {
      await inspector.close();
    }
  };
}

/** A figure by its name. */
export const figureOf = ({ page }: InspectorPage, name: string): Locator => page.locator(`[role=figure][aria-label="${name}"]`);

/** Colour of a canvas in the middle of a CSS pixel. */
export async function pixelOf(canvas: Locator, x: number, y: number): Promise<number[]> {
  return canvas.evaluate((element, at) => {
    const target = element as HTMLCanvasElement;
    const ratio = target.width / target.clientWidth;
    return [...target.getContext('2d')!.getImageData(Math.round(at.x * ratio), Math.round(at.y * ratio), 1, 1).data].slice(0, 3);
  }, { x, y });
}

/** Where the middle of a column of the time axis stands in a plot of this width: gutter 70, right margin 28. */
export const middleOf = (column: number, columns: number) => (width: number): number => 70 + ((column + 0.5) * (width - 98)) / columns;

/**
 * Points at a place of a plot, again with each look, and reads what its glass says: figures above may still grow as
 * their numbers come. `place`: from the plot's width to a distance from its left edge.
 */
export function lensOf(plot: Locator, place: (width: number) => number, y: number): () => Promise<string[]> {
  const { mouse } = plot.page();
  return async () => {
    await plot.scrollIntoViewIfNeeded();
    const box = (await plot.boundingBox())!;
    const x = box.x + place(await plot.locator('canvas').first().evaluate((element) => element.clientWidth));
    await mouse.move(x + 1, box.y + y);
    await mouse.move(x, box.y + y);
    return plot.locator('.lens p').allTextContents();
  };
}

/** All that the element with this selector says from now on, one text after the other, however briefly. */
export async function textsOf(page: Page, selector: string): Promise<() => Promise<string[]>> {
  const said = await page.evaluateHandle((wanted) => {
    const texts: string[] = [];
    const look = (): void => {
      const text = document.querySelector(wanted)?.textContent ?? '';
      if (text !== texts.at(-1)) texts.push(text);
    };
    look();
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
    return texts;
  }, selector);
  return () => said.jsonValue();
}

/** Channels of a CSS `rgb()`. */
export function rgbOf(css: string): number[] {
  return (css.match(/\d+/g) ?? []).map(Number);
}
