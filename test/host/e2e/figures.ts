import type { Frame } from 'playwright-core';

/** What a canvas of a figure shows, as far as a program can tell. */
export interface DrawnFigure {
  readonly name: string;
  /** Number of its canvases that have more than one colour. */
  readonly drawn: number;
  readonly canvases: number;
}

/** Every figure of the panel: its accessible name, and how many of its canvases have something on them. */
export async function readFigures(panel: Frame): Promise<DrawnFigure[]> {
  return panel.locator('[role="figure"]').evaluateAll((figures) =>
    figures.map((figure) => {
      const canvases = [...figure.querySelectorAll('canvas')];
      const isDrawn = (canvas: HTMLCanvasElement): boolean => {
        if (canvas.width === 0 || canvas.height === 0) return false;
        const pixels = new Uint32Array(canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
        return pixels.some((pixel) => pixel !== pixels[0]);
      };
      return { name: figure.getAttribute('aria-label') ?? '', canvases: canvases.length, drawn: canvases.filter(isDrawn).length };
    }),
  );
}

/** Asks until every named figure has a drawn canvas; fails with what is drawn when that takes too long. */
export async function waitForFigures(panel: Frame, names: readonly string[], timeout = 180_000): Promise<DrawnFigure[]> {
  const deadline = Date.now() + timeout;
  for (;;) {
    const figures = await readFigures(panel);
    const missing = names.filter((name) => !figures.some((figure) => figure.name.includes(name) && figure.drawn > 0));
    if (missing.length === 0) return figures;
    if (Date.now() > deadline) throw new Error(`Not drawn after ${timeout / 1000} s: ${missing.join(', ')}. Drawn: ${JSON.stringify(figures)}`);
    // The panel draws what can be seen.
    await panel.locator(`[role="figure"][aria-label*="${missing[0]}"]`).first().scrollIntoViewIfNeeded({ timeout: 1_000 }).catch(() => undefined);
    await panel.waitForTimeout(300);
  }
}
