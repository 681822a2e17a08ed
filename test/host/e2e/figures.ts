import type { Frame } from 'playwright-core';

/** Whether some canvas of the figure with this in its accessible name has more than one colour. */
function isDrawn(panel: Frame, name: string): Promise<boolean> {
  return panel.locator(`[role="figure"][aria-label*="${name}"]`).evaluateAll((figures) =>
    figures.some((figure) =>
      [...figure.querySelectorAll('canvas')].some((canvas) => {
        if (canvas.width === 0 || canvas.height === 0) return false;
        const pixels = new Uint32Array(canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
        return pixels.some((pixel) => pixel !== pixels[0]);
      }),
    ),
  );
}

/** Scrolls to one named figure after the other, as the panel draws what can be seen, and waits until each is drawn. */
export async function waitForFigures(panel: Frame, names: readonly string[], timeout = 180_000): Promise<void> {
  const deadline = Date.now() + timeout;
  for (const name of names) {
    while (!(await isDrawn(panel, name))) {
      if (Date.now() > deadline) throw new Error(`The figure "${name}" is not drawn after ${timeout / 1000} s.`);
      await panel.locator(`[role="figure"][aria-label*="${name}"]`).first().scrollIntoViewIfNeeded({ timeout: 1_000 }).catch(() => undefined);
      await panel.waitForTimeout(300);
    }
  }
}
