import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { colorMaps } from '../../webview/colorMaps';
import { gradientDecades, logitScale } from '../../webview/plots/scales';
import { timeConstantsOf } from '../../webview/plots/unitOrder';
import { browsing } from './browsing';
import { drawn, textsOf } from './inspecting';
import { openInspector, type InspectorPage, type OpenOptions } from './inspectorPage';
import { ModelRuns, numberAt, sample, specPath, specText } from './modelRuns';
import { untilAllHold } from './untilAllHold';

const layers = [
  { cell: 'lstm', units: 12 },
  { cell: 'lstm', units: 8 },
];
const runs = new ModelRuns(layers).train(40, [0, 20, 40]);
const trace = runs.traceNow({ checkpoint: 'latest' });

const chromium = browsing();

async function inspect<T>(options: Partial<OpenOptions>, use: (inspector: InspectorPage) => Promise<T>): Promise<T> {
  const inspector = await openInspector(chromium.browser, { origin: chromium.origin, runs, target: { specPath }, specText: specText(layers), ...options });
  try {
    await inspector.page.waitForSelector('#inspector[data-state]');
    return await use(inspector);
  } finally {
    await inspector.close();
  }
}

const traced = (use: (inspector: InspectorPage) => Promise<void>, options: Partial<OpenOptions> = {}): Promise<void> =>
  inspect(options, async (inspector) => {
    await inspector.page.waitForSelector(drawn);
    await use(inspector);
  });

const figure = ({ page }: InspectorPage, name: string): Locator => page.locator(`[role=figure][aria-label="${name}"]`);

/** Colour of a canvas in the middle of a CSS pixel. */
async function pixel(canvas: Locator, x: number, y: number): Promise<number[]> {
  return canvas.evaluate((element, at) => {
    const target = element as HTMLCanvasElement;
    const ratio = target.width / target.clientWidth;
    return [...target.getContext('2d')!.getImageData(Math.round(at.x * ratio), Math.round(at.y * ratio), 1, 1).data].slice(0, 3);
  }, { x, y });
}

function rgb(css: string): number[] {
  return (css.match(/\d+/g) ?? []).map(Number);
}

/** Middle of column t: gutter 70, right margin 28, one column for each of the sample's tokens. */
async function columnMiddle(canvas: Locator, column: number): Promise<number> {
  const width = await canvas.evaluate((element) => element.clientWidth);
  return 70 + ((column + 0.5) * (width - 98)) / sample.length;
}

describe('the Inspector under its own policy', () => {
  it('shows its named figures and the tokens, with no violation and no complaint', () =>
    traced(async (inspector) => {
      for (const name of ['Tokens', 'Gate activations', 'Gradient flow', 'Flow matrix', 'Loss']) {
        await expect.poll(() => inspector.page.getByRole('figure', { name, exact: true }).count(), { message: name }).toBe(1);
        await expect.poll(() => figure(inspector, name).getAttribute('tabindex')).toBe('0');
      }
      expect(await inspector.page.evaluate(() => (window as unknown as { violations: string[] }).violations)).toEqual([]);
      expect(inspector.complaints).toEqual([]);
    }));

  it('uses no text below ten pixels', () =>
    traced(async ({ page }) => {
      const smallest = await page.evaluate(() => Math.min(...[...document.querySelectorAll('body *')].filter((node) => node.childNodes.length > 0 && node.textContent?.trim() !== '').map((node) => Number.parseFloat(getComputedStyle(node).fontSize))));
      expect(smallest).toBeGreaterThanOrEqual(10);
    }));
});

describe('what is drawn', () => {
  it('paints each cell of the forget gate in the colour of its number', () =>
    traced(async (inspector) => {
      const canvas = figure(inspector, 'Gate activations').locator('[data-track="gate.forget"] .heatmap canvas');
      const tensor = trace.tensors.get('layer0.forward.gate.forget')!;
      const means = Float64Array.from({ length: 12 }, (_, unit) => Array.from({ length: tensor.shape[0]! }, (__, t) => numberAt(trace, 'layer0.forward.gate.forget', t, unit)).reduce((sum, value) => sum + value, 0) / tensor.shape[0]!);
      const constants = timeConstantsOf(means);
      const order = Array.from({ length: 12 }, (_, unit) => unit).sort((a, b) => constants[b]! - constants[a]!);
      const { state } = colorMaps('vscode-dark');
      for (const [column, row] of [[0, 0], [7, 3], [33, 6], [61, 11]] as const) {
        const value = numberAt(trace, 'layer0.forward.gate.forget', column, order[row]!);
        await expect.poll(async () => pixel(canvas, await columnMiddle(canvas, column), row * 6 + 3), { message: `column ${column}, row ${row}` }).toEqual(rgb(state.css(logitScale.place(value))));
      }
    }));

  it('paints each cell of the flow matrix in the colour of its number and leaves the other triangle empty', () =>
    traced(async (inspector) => {
      const canvas = figure(inspector, 'Flow matrix').locator('.plot canvas').first();
      await canvas.scrollIntoViewIfNeeded();
      const { signal } = colorMaps('vscode-dark');
      const rowHeight = Math.round(260 / (sample.length - 1));
      for (const [t, k] of [[0, 0], [30, 30], [30, 12], [55, 2]] as const) {
        const place = gradientDecades.place(numberAt(trace, 'layer0.forward.flow', t, k));
        await expect.poll(async () => pixel(canvas, await columnMiddle(canvas, k), t * rowHeight + rowHeight / 2), { message: `t ${t}, k ${k}` }).toEqual(rgb(signal.css(place)));
      }
      const alpha = await canvas.evaluate((element) => (element as HTMLCanvasElement).getContext('2d')!.getImageData(element.clientWidth - 30, 255 - 120, 1, 1).data[3]);
      expect(alpha).toBe(0);
    }));

  it('draws anew in the colours of another theme', () =>
    traced(async (inspector) => {
      const canvas = figure(inspector, 'Flow matrix').locator('.plot canvas').first();
      await canvas.scrollIntoViewIfNeeded();
      const place = gradientDecades.place(numberAt(trace, 'layer0.forward.flow', 0, 0));
      for (const kind of ['vscode-light', 'vscode-high-contrast', 'vscode-high-contrast-light', 'vscode-dark'] as const) {
        await inspector.setTheme(kind);
        await expect.poll(async () => pixel(canvas, await columnMiddle(canvas, 0), 2)).toEqual(rgb(colorMaps(kind).signal.css(place)));
      }
    }));
});

describe('tables', () => {
  it('hold the numbers of the trace', () =>
    traced(async (inspector) => {
      const gradient = figure(inspector, 'Gradient flow');
      await gradient.getByRole('button', { name: 'View as table' }).click();
      const read = (): Promise<(string | null)[]> => gradient.locator('tbody tr').nth(12).locator('td').evaluateAll((all) => all.map((cell) => cell.getAttribute('data-value') ?? cell.textContent));
      const norm = (name: string): number => Math.hypot(...Array.from({ length: 12 }, (_, unit) => numberAt(trace, `layer0.forward.${name}`, 12, unit)));
      await untilAllHold(async () => {
        const cells = await read();
        expect(cells.slice(0, 2)).toEqual(['12', 'a']);
        expect(Number(cells[2])).toBeCloseTo(norm('grad.h'), 14);
        expect(Number(cells[3])).toBeCloseTo(norm('grad.h.partial'), 14);
        expect(Number(cells[4])).toBeCloseTo(norm('grad.c'), 14);
        expect(Number(cells.at(-1))).toBe(numberAt(trace, 'layer0.forward.flow', sample.length - 2, 12));
      });

      const tokens = figure(inspector, 'Tokens');
      await tokens.press('t');
      await expect.poll(async () => Number(await tokens.locator('tbody tr').nth(5).locator('td').nth(2).getAttribute('data-value'))).toBe(Number(trace.tensors.get('loss.position')!.data[4]));

      const gates = figure(inspector, 'Gate activations');
      await gates.press('t');
      const units = gates.locator('.table').last().locator('tbody tr');
      await untilAllHold(async () => {
        const unit = Number(await units.first().locator('td').first().textContent());
        expect(Number(await units.first().locator('td').nth(4).getAttribute('data-value'))).toBe(numberAt(trace, 'layer0.forward.gate.forget', 3, unit));
      });
    }));

  it('give the plot back', () =>
    traced(async (inspector) => {
      const loss = figure(inspector, 'Loss');
      await loss.press('t');
      await expect.poll(() => loss.locator('tbody tr').count()).toBeGreaterThan(40);
      await loss.press('t');
      await expect.poll(() => loss.locator('table').count()).toBe(0);
      await expect.poll(() => loss.locator('.curve').first().isVisible()).toBe(true);
    }));
});

describe('the one crosshair', () => {
  const positions = async ({ page }: InspectorPage): Promise<number[]> =>
    page.locator('.crosshair').evaluateAll((lines) => lines.filter((line) => (line as HTMLElement).offsetParent !== null).map((line) => Math.round(line.getBoundingClientRect().left)));

  it('follows the pointer in every figure at once', () =>
    traced(async (inspector) => {
      const band = figure(inspector, 'Gate activations').locator('.band').first();
      await untilAllHold(async () => {
        const box = (await band.boundingBox())!;
        const x = await columnMiddle(band.locator('canvas'), 20);
        await inspector.page.mouse.move(box.x + x, box.y + 10);
        const all = await positions(inspector);
        expect(all.length).toBeGreaterThanOrEqual(9);
        for (const position of all) expect(Math.abs(position - (box.x + x))).toBeLessThanOrEqual(1);
      });
      await expect.poll(() => inspector.page.locator('.readout h2').textContent()).toBe('Step 20');
      await expect.poll(() => inspector.page.locator('.readout .note').first().textContent()).toBe('reads ‘e’, next is ‘·’');
    }));

  it('says the exact numbers of its step', () =>
    traced(async (inspector) => {
      await figure(inspector, 'Tokens').press('Home');
      for (let press = 0; press < 5; press++) await figure(inspector, 'Tokens').press('ArrowRight');
      const value = async (term: string): Promise<string | null> => inspector.page.locator('.values div').filter({ has: inspector.page.locator(`dt:text-is("${term}")`) }).locator('dd').textContent();
      const loss = Number(trace.tensors.get('loss.position')!.data[5]);
      await expect.poll(() => value('surprisal')).toBe(`${loss.toFixed(2)} nats`);
      await expect.poll(() => value('p(‘e’)')).toBe(`${(Math.exp(-loss) * 100).toFixed(1)} %`);
      const mean = Array.from({ length: 12 }, (_, unit) => numberAt(trace, 'layer0.forward.gate.forget', 5, unit)).reduce((a, b) => a + b) / 12;
      await expect.poll(() => value('mean forget')).toBe(mean.toFixed(2));
      await expect.poll(() => inspector.page.locator('.prediction .share').allTextContents()).toEqual(trace.predictions[5]!.map(({ probability }) => `${(probability * 100).toFixed(1)} %`));
    }));

  it('goes by one, by ten, and to both ends with the keyboard', () =>
    traced(async (inspector) => {
      const gradient = figure(inspector, 'Gradient flow');
      const step = (): Promise<string | null> => inspector.page.locator('.readout h2').textContent();
      for (const [key, expected] of [['Home', 0], ['ArrowRight', 1], ['Control+ArrowRight', 11], ['ArrowLeft', 10], ['Control+ArrowLeft', 0], ['End', sample.length - 1]] as const) {
        await gradient.press(key);
        await expect.poll(() => step(), { message: key }).toBe(`Step ${expected}`);
      }
    }));

  it('is spoken by a polite live region once it rests', () =>
    traced(async (inspector) => {
      await figure(inspector, 'Flow matrix').press('Home');
      await expect.poll(() => inspector.page.locator('.readout [aria-live=polite]').textContent()).toMatch(/^Step 0 reads ‘C’, next is ‘a’\. p\(‘a’\)/);
    }));
});

describe('pinning a loss', () => {
  const pinned = async ({ page }: InspectorPage): Promise<string | undefined> => {
    const gradient = page.locator('[role=figure][aria-label="Gradient flow"]');
    if ((await gradient.locator('table').count()) === 0) await gradient.press('t');
    await gradient.locator('table').first().waitFor();
    return (await gradient.locator('th').allTextContents()).find((label) => label.startsWith('‖∂ℓ'));
  };

  it('takes the last loss until somebody chose, another on click, and none after Escape', () =>
    traced(async (inspector) => {
      await expect.poll(() => pinned(inspector)).toBe(`‖∂ℓ${sample.length - 2}/∂h‖`);
      const strip = figure(inspector, 'Tokens').locator('.plot canvas').first();
      await strip.click({ position: { x: await columnMiddle(strip, 30), y: 30 } });
      await expect.poll(() => pinned(inspector)).toBe('‖∂ℓ29/∂h‖');
      await figure(inspector, 'Tokens').press('Escape');
      await expect.poll(() => pinned(inspector)).toBeUndefined();
    }));

  it('takes the row of the matrix that was clicked or reached with the arrow keys', () =>
    traced(async (inspector) => {
      const matrix = figure(inspector, 'Flow matrix');
      const rowHeight = Math.round(260 / (sample.length - 1));
      await matrix.locator('.plot canvas').first().click({ position: { x: 90, y: 41 * rowHeight + 2 } });
      await expect.poll(() => pinned(inspector)).toBe('‖∂ℓ41/∂h‖');
      await inspector.page.mouse.move(5, 5);
      for (const key of ['ArrowUp', 'ArrowUp', 'Enter']) await matrix.press(key);
      await expect.poll(() => pinned(inspector)).toBe('‖∂ℓ39/∂h‖');
    }));

  it('colours the influence row with that loss alone', () =>
    traced(async (inspector) => {
      const strip = figure(inspector, 'Tokens').locator('.plot canvas').first();
      const { signal } = colorMaps('vscode-dark');
      const place = gradientDecades.place(numberAt(trace, 'layer0.forward.flow', sample.length - 2, 50));
      await expect.poll(async () => pixel(strip, (await columnMiddle(strip, 50)) - 5, 18 + 24 + 3 + 3)).toEqual(rgb(signal.css(place)));
    }));
});

describe('what a person can choose', () => {
  it('opens a gate with the mouse and with the keyboard, and walks through its units', () =>
    traced(async (inspector) => {
      const gates = figure(inspector, 'Gate activations');
      const heatmap = gates.locator('[data-track="gate.output"] .heatmap');
      await expect.poll(() => heatmap.isVisible()).toBe(false);
      await gates.getByRole('button', { name: 'output: show every unit' }).press('Enter');
      await heatmap.waitFor({ state: 'visible' });
      await gates.press('ArrowDown');
      await gates.press('ArrowDown');
      await expect.poll(() => inspector.page.locator('.values dt').last().textContent()).toMatch(/^forget, unit \d+$/);
    }));

  it('shows another layer', () =>
    traced(async (inspector) => {
      await inspector.page.getByRole('radio', { name: 'Layer 1' }).check({ force: true });
      await expect.poll(() => figure(inspector, 'Gate activations').locator('.note').textContent()).toContain('layer 1, over its 8 units');
      const canvas = figure(inspector, 'Flow matrix').locator('.plot canvas').first();
      await canvas.scrollIntoViewIfNeeded();
      const place = gradientDecades.place(numberAt(trace, 'layer1.forward.flow', 30, 12));
      await expect.poll(async () => pixel(canvas, await columnMiddle(canvas, 12), 30 * 4 + 2)).toEqual(rgb(colorMaps('vscode-dark').signal.css(place)));
    }));

  it('goes through the checkpoints with the slider and the bracket keys', () =>
    traced(async (inspector) => {
      const step = inspector.page.locator('.step strong');
      await expect.poll(() => step.textContent()).toBe('40');
      await figure(inspector, 'Tokens').press('[');
      await expect.poll(() => step.textContent()).toBe('20');
      const slider = inspector.page.getByRole('slider', { name: 'Checkpoint' });
      await slider.press('Home');
      await expect.poll(() => step.textContent()).toBe('0');
      await expect.poll(() => slider.getAttribute('aria-valuetext')).toBe('step 0');
      await figure(inspector, 'Tokens').press(']');
      await expect.poll(() => step.textContent()).toBe('20');
    }));

  it('plays the checkpoints to the end', () =>
    traced(async (inspector) => {
      const steps = await textsOf(inspector.page, '.step strong');
      await inspector.page.getByRole('button', { name: 'Play through the checkpoints' }).click();
      await expect.poll(steps).toEqual(['40', '0', '20', '40']);
      await inspector.page.getByRole('button', { name: 'Play through the checkpoints' }).waitFor();
    }));

  it('traces another sample as it is typed, and keeps the figures when it cannot be traced', () =>
    traced(async (inspector) => {
      const field = inspector.page.getByRole('textbox', { name: 'Sample text' });
      await field.fill('the whale');
      await expect.poll(() => inspector.page.locator('.sample .traced').textContent()).toMatch(/^9 steps/);
      await field.fill('the whale #');
      await expect.poll(() => inspector.page.locator('.notice').textContent()).toContain('"#"');
      await expect.poll(() => figure(inspector, 'Flow matrix').isVisible()).toBe(true);
      await field.fill('the sea');
      await expect.poll(() => inspector.page.locator('.notice').isVisible()).toBe(false);
      await inspector.page.waitForSelector('#inspector[data-figures=whole][data-flow=with-flow][data-steps="7"]');
    }));

  it('does not let what needs no flow matrix wait for one that takes long', () =>
    traced(async (inspector) => {
      const trace = runs.trace.bind(runs);
      runs.trace = async (request) => ({ ...(await trace(request)), milliseconds: 1000 });
      try {
        const field = inspector.page.getByRole('textbox', { name: 'Sample text' });
        const drawn = (steps: number) => inspector.page.waitForSelector(`#inspector[data-figures=whole][data-flow=with-flow][data-steps="${steps}"]`);
        await field.fill('the whale');
        await drawn(9);
        await field.fill('the whales');
        await drawn(10);
        const asked = runs.traces.flatMap(({ flow, sample: typed }) => (typed?.kind === 'text' ? [[typed.text, flow]] : []));
        expect(asked.slice(-3)).toEqual([['the whale', 'with-flow'], ['the whales', 'without-flow'], ['the whales', 'with-flow']]);
      } finally {
        runs.trace = trace;
      }
    }));

  it('keeps its choices when the page is thrown away and built again', () =>
    traced(async (inspector) => {
      const { page } = inspector;
      await page.getByRole('radio', { name: 'Layer 1' }).check({ force: true });
      await figure(inspector, 'Gate activations').getByRole('button', { name: 'cell c: show every unit' }).click();
      await figure(inspector, 'Loss').press('t');
      await figure(inspector, 'Tokens').press('Home');
      await figure(inspector, 'Tokens').press('[');
      await page.waitForFunction(() => JSON.parse(sessionStorage.getItem('state') ?? '{}').checkpoint === 20);
      await page.reload();
      await page.waitForSelector(drawn);
      await expect.poll(() => page.locator('.step strong').textContent()).toBe('20');
      await expect.poll(() => page.getByRole('radio', { name: 'Layer 1' }).isChecked()).toBe(true);
      await expect.poll(() => figure(inspector, 'Gate activations').locator('[data-track="c"] .heatmap').isVisible()).toBe(true);
      await expect.poll(() => figure(inspector, 'Loss').locator('table').count()).toBe(2);
      await expect.poll(() => page.locator('.readout h2').textContent()).toBe('Step 0');
      expect(inspector.complaints).toEqual([]);
    }));
});

describe('a text wider than the panel', () => {
  it('shows a window of columns that can be read, and moves it with the keyboard, the overview and the wheel', () =>
    traced(
      async (inspector) => {
        const { page } = inspector;
        const numbers = async (): Promise<{ first: number; count: number } | undefined> => ((await inspector.stored()) as { window?: { first: number; count: number } } | null)?.window;
        await expect.poll(() => figure(inspector, 'Tokens').locator('.overview').isVisible()).toBe(true);
        await figure(inspector, 'Tokens').press('Home');
        await expect.poll(async () => (await numbers())?.first).toBe(0);
        const width = await figure(inspector, 'Tokens').locator('.plot canvas').first().evaluate((element) => element.clientWidth);
        expect((width - 66) / (await numbers())!.count).toBeGreaterThanOrEqual(9);
        const overview = figure(inspector, 'Tokens').locator('.overview canvas');
        await overview.click({ position: { x: (await overview.evaluate((element) => element.clientWidth)) - 30, y: 6 } });
        await expect.poll(async () => (await numbers())!.first + (await numbers())!.count).toBe(sample.length);
        const before = (await numbers())!.count;
        const plot = figure(inspector, 'Gradient flow').locator('.plot');
        await expect.poll(async () => {
          await plot.hover({ position: { x: 200, y: 40 } });
          await page.keyboard.down('Control');
          await page.mouse.wheel(0, -200);
          await page.keyboard.up('Control');
          return (await numbers())!.count;
        }).toBeLessThan(before);
        await expect.poll(async () => {
          await plot.dblclick({ position: { x: 200, y: 40 } });
          return numbers();
        }).toBeUndefined();
      },
      { width: 520 },
    ));
});
