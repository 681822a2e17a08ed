import type { Locator } from 'playwright-core';
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

/** Channels of a CSS `rgb()`. */
export function rgbOf(css: string): number[] {
  return (css.match(/\d+/g) ?? []).map(Number);
}
