import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cellSequence } from '../../src/engine/order';
import type { BatchGradients, SampleTrace } from '../../src/shared/run';
import { gradientDecades } from '../../webview/plots/scales';
import { launchChromium } from './chromium';
import { openInspector, servePage, type InspectorPage } from './inspectorPage';
import { ModelRuns, specPath, specText } from './modelRuns';
import { untilAllHold } from './untilAllHold';

const layers = [
  { cell: 'lstm', units: 12 },
  { cell: 'gru', units: 12, connection: 'highway' },
];

let browser: Browser;
let server: Awaited<ReturnType<typeof servePage>>;
let runs: ModelRuns;
let trace: SampleTrace;
beforeAll(async () => {
  [browser, server] = await Promise.all([launchChromium(), servePage()]);
  runs = new ModelRuns(layers).train(40, [20, 40]);
  trace = await runs.trace({ run: runs.infos[0]!.folder, checkpoint: 40 });
});
afterAll(async () => {
  await browser.close();
  server.close();
});

/** Opens the panel with one figure as a table, tall enough that all figures are drawn. */
async function withPanel(state: object, use: (panel: InspectorPage) => Promise<void>): Promise<void> {
  const panel = await openInspector(browser, { origin: server.origin, runs, target: { specPath }, specText: specText(layers), height: 4000, state: { specPath, ...state } });
  try {
    await panel.page.waitForSelector('#inspector[data-state=traced]');
    await use(panel);
    expect(panel.complaints).toEqual([]);
  } finally {
    await panel.close();
  }
}

/** Exact numbers of a figure's table, row by row, cells of text left out. */
const numbersOf = async ({ page }: InspectorPage, figure: string): Promise<number[][]> => {
  const rows = page.locator(`[data-figure="${figure}"] tbody tr`);
  await rows.first().waitFor();
  return rows.evaluateAll((all) => all.map((row) => [...row.querySelectorAll('td[data-value]')].map((cell) => Number(cell.getAttribute('data-value')))));
};

/** RGBA at a place of a canvas, read from a copy, so that the figure's own canvas stays where it is drawn fast. */
const copiedPixel = (canvas: Locator, x: number, y: number): Promise<number[]> =>
  canvas.evaluate((element, at) => {
    const copy = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
    copy.drawImage(element as HTMLCanvasElement, -Math.round(at.x * devicePixelRatio), -Math.round(at.y * devicePixelRatio));
    return [...copy.getImageData(0, 0, 1, 1).data];
  }, { x, y });

const tensor = (name: string): Float64Array => Float64Array.from(trace.tensors.get(name)!.data, Number);

describe('all figures', () => {
  it('are drawn whole once their numbers have come', async () => {
    await withPanel({}, async ({ page }) => {
      await page.waitForSelector('#inspector[data-figures=whole][data-flow=with-flow][data-step="40"]');
    });
  });
});

describe('the saturation figure', () => {
  it('counts in its table what the trace holds of every unit and gate', async () => {
    await withPanel({ tables: ['Gate saturation'] }, async (panel) => {
      const wanted = ['input', 'forget', 'output'].flatMap((gate) => {
        const values = tensor(`layer0.forward.gate.${gate}`);
        const steps = values.length / 12;
        return Array.from({ length: 12 }, (_, unit) => {
          const own = Array.from({ length: steps }, (__, t) => values[t * 12 + unit]!);
          const shares = [own.filter((value) => value < 0.1).length / steps, own.filter((value) => value > 0.9).length / steps, own.reduce((sum, value) => sum + value, 0) / steps];
          return shares.map((share) => expect.closeTo(share, 6));
        });
      });
      await expect.poll(async () => (await numbersOf(panel, 'Gate saturation')).map((row) => row.slice(0, 3))).toEqual(wanted);
    });
  });
});

describe('the connections figure', () => {
  it('shows the share of the gradient that goes around the highway at every step', async () => {
    await withPanel({ tables: ['Connections'] }, async (panel) => {
      const identity = tensor('layer1.connection.grad.identity');
      const transform = tensor('layer1.connection.grad.transform');
      const units = Array.from(tensor('layer1.connection.gate').slice(36, 48)).sort((a, b) => a - b);
      await untilAllHold(async () => {
        const rows = await numbersOf(panel, 'Connections');
        expect(rows.length).toBeGreaterThanOrEqual(identity.length - 1);
        rows.slice(0, identity.length - 1).forEach(([share], t) => expect(share).toBeCloseTo(identity[t]! / (identity[t]! + transform[t]!), 6));
        const [, gate] = rows[3]!;
        expect(gate).toBeCloseTo((units[5]! + units[6]!) / 2, 6);
      });
    });
  });
});

describe('the clipping figure', () => {
  it('says what clipping was for, from the share of clipped steps', async () => {
    await withPanel({}, async ({ page }) => {
      const { columns } = await runs.metrics();
      const share = columns.clipped.reduce((sum, flag) => sum + flag, 0) / columns.clipped.length;
      await expect.poll(() => page.locator('[data-figure="Clipping"] .sentence').textContent()).toContain(share === 0 ? 'none of the last 40 steps' : `${(100 * share).toFixed(1)} % of the last 40 steps`);
    });
  });
});

describe('the figure of unit gradients', () => {
  it('draws every unit at every step in the colour of its gradient', async () => {
    await withPanel({}, async ({ page }) => {
      const canvas = page.locator('[data-figure="Gradient by unit"] .plot canvas');
      const gradient = tensor('layer0.forward.grad.h');
      // A unit whose gradient at the first step is clearly positive must be warmer than one that is clearly negative.
      const pixel = (x: number, y: number) => copiedPixel(canvas, x, y);
      await page.locator('[data-figure="Gate activations"] select').first().selectOption('index');
      const ordered = [...Array(12).keys()].sort((a, b) => gradient[a]! - gradient[b]!);
      await untilAllHold(async () => {
        const rowHeight = (await canvas.evaluate((element) => element.clientHeight)) / 12;
        const [warm, cold] = [await pixel(70 + 3, (ordered[11]! + 0.5) * rowHeight), await pixel(70 + 3, (ordered[0]! + 0.5) * rowHeight)];
        expect(warm[0]! - cold[0]!).toBeGreaterThan(20);
        expect(cold[2]! - cold[0]!).toBeGreaterThan(warm[2]! - warm[0]!);
      });
    });
  });
});

describe('the gradient flow', () => {
  const total = (batch: BatchGradients, t: number): number[] => Array.from({ length: batch.sequences }, (_, b) => Number(batch.tensors.get('layer0.forward.grad.h')!.data[t * batch.sequences + b])).sort((a, b) => a - b);

  it('says how the gradients of held-out sequences spread that are as long', async () => {
    await withPanel({ tables: ['Gradient flow'] }, async ({ page }) => {
      const batch = runs.gradientsNow({ checkpoint: 40, loss: 'all' });
      const table = page.locator('[data-figure="Gradient flow"] .table').nth(1);
      await expect.poll(() => table.locator('caption').textContent()).toBe(`Gradient norms over ${batch.sequences} held-out sequences, layer 0, weights of step 40`);
      await expect.poll(() => table.locator('th').count()).toBe(1 + 4 * 5);
      for (const t of [0, 17, 60]) {
        const norms = total(batch, t);
        const shown = (): Promise<number[]> => table.locator('tbody tr').nth(t).locator('td[data-value]').evaluateAll((cells) => cells.slice(0, 5).map((cell) => Number(cell.getAttribute('data-value'))));
        const rank = 0.5 * (norms.length - 1);
        const median = (norms[Math.floor(rank)]! + norms[Math.ceil(rank)]!) / 2;
        await expect.poll(shown, { message: `step ${t}` }).toEqual([norms[0], expect.any(Number), expect.closeTo(median, 12), expect.any(Number), norms.at(-1)]);
      }
    });
  });

  it('draws the ribbon between the smallest and the largest of them', async () => {
    await withPanel({ options: { 'gradient.ribbon': 'grad.h' } }, async ({ page }) => {
      const batch = runs.gradientsNow({ checkpoint: 40, loss: 'all' });
      const figure = page.locator('[data-figure="Gradient flow"]');
      await expect.poll(() => figure.locator('.note').first().textContent()).toContain(`ribbon: ${batch.sequences} held-out sequences as long`);
      const canvas = figure.locator('.plot canvas');
      // A column where the outer band is wide enough to be hit between the bands and the lines.
      const steps = trace.tokens.length;
      const place = (value: number): number => 6 + (1 - gradientDecades.place(value)) * 96;
      const t = Array.from({ length: steps - 1 }, (_, step) => step).sort((a, b) => total(batch, b).at(-1)! / total(batch, b)[0]! - total(batch, a).at(-1)! / total(batch, a)[0]!)[0]!;
      const norms = total(batch, t);
      const alpha = async (value: number): Promise<number> => {
        const width = await canvas.evaluate((element) => element.clientWidth);
        const [, , , opaque] = await copiedPixel(canvas, 70 + ((t + 0.5) * (width - 98)) / steps, place(value));
        return opaque!;
      };
      await expect.poll(() => alpha(Math.sqrt(norms[0]! * norms.at(-1)!))).toBeGreaterThan(30);
      await expect.poll(() => alpha(norms.at(-1)! * 30)).toBeLessThan(30);
    });
  });
});

describe('the unrolled network', () => {
  it('says what a cell has seen, and plays all cells in their order', async () => {
    await withPanel({ tables: ['Unrolled network'] }, async ({ page }) => {
      const rows = page.locator('[data-figure="Unrolled network"] tbody tr');
      await rows.first().waitFor();
      const steps = trace.tokens.length;
      await untilAllHold(async () => {
        const table = await rows.evaluateAll((all) => all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent)));
        expect(table.map(([, layer, , t]) => `${layer} ${t}`)).toEqual(cellSequence(trace.layers, steps, 'layer-major').map(({ layer, t }) => `${layer} ${t}`));
        expect(table[5]).toEqual(['6', '0', 'forward', '5', '5', '0', '5']);
      });
    });
  });

  it.each([
    ['layer by layer (PyTorch)', (t: number, steps: number) => `Turn ${steps + t + 1} of ${2 * steps}: layer 1, step ${t}.`],
    ['timestep by timestep', (t: number, steps: number) => `Turn ${2 * t + 2} of ${2 * steps}: layer 1, step ${t}.`],
  ] as const)('plays %s from the first cell to the last, at the speed that was chosen', async (mode, words) => {
    await withPanel({}, async ({ page }) => {
      const figure = page.locator('[data-figure="Unrolled network"]');
      await figure.getByLabel('Order', { exact: true }).selectOption({ label: mode });
      await figure.getByLabel('Speed').selectOption('60');
      const steps = trace.tokens.length;
      const place = figure.getByLabel('Cells computed');
      const running = figure.locator('.step-readout');
      await place.fill('0');
      await expect.poll(() => running.textContent()).toBe(`None of ${2 * steps} cells has run.`);
      await figure.getByRole('button', { name: 'Play the processing order' }).click();
      await expect.poll(async () => Number(await place.inputValue())).toBeGreaterThan(3);
      await expect.poll(() => place.inputValue()).toBe(String(2 * steps));
      await figure.getByRole('button', { name: 'Play the processing order' }).waitFor();
      // Any turn can be gone back to: that of the upper layer's step 5.
      await place.fill(/\d+/.exec(words(5, steps))![0]);
      await expect.poll(() => running.textContent()).toBe(words(5, steps));
    });
  });

  it('shows which cells may run at once: those of one diagonal', async () => {
    await withPanel({}, async ({ page }) => {
      const figure = page.locator('[data-figure="Unrolled network"]');
      await figure.getByLabel('Order', { exact: true }).selectOption('wavefront');
      const steps = trace.tokens.length;
      await figure.getByLabel('Cells computed').fill('3');
      await expect.poll(() => figure.locator('.step-readout').textContent()).toBe(`Turn 3 of ${steps + 1}: 2 cells at once.`);
    });
  });

  it('shows in words which tokens the pointed cell depends on', async () => {
    await withPanel({}, async ({ page }) => {
      const figure = page.locator('[data-figure="Unrolled network"]');
      await figure.focus();
      await page.keyboard.press('ArrowUp');
      await expect.poll(() => figure.locator('.step-readout').textContent()).toMatch(/^Layer \d, step \d+: has seen tokens 0 … \d+ \(‘.*’ … ‘.*’\); wavefront \d+ of \d+\.$/);
    });
  });

  it('compares the numbers of both orders on demand', async () => {
    await withPanel({}, async ({ page }) => {
      const figure = page.locator('[data-figure="Unrolled network"]');
      await figure.getByText('Compare the numbers').click();
      await expect.poll(() => figure.locator('.note').last().textContent()).toMatch(/differ by at most 0\b/);
    });
  });
});

describe('the weights figure', () => {
  it('shows spectral radius and singular values of every gate of the recurrent matrix', async () => {
    await withPanel({ tables: ['Weights'] }, async (panel) => {
      const { spectra } = await runs.weights({ checkpoint: 'latest' });
      await untilAllHold(async () => {
        const rows = await numbersOf(panel, 'Weights');
        spectra[0]!.gates.forEach(({ spectralRadius, singularValues }, index) => {
          expect(rows[index]).toEqual([spectralRadius, singularValues[0]]);
        });
        // Ranks, then a row for each unit of every gate.
        expect(rows.slice(4)).toHaveLength(12 + 4 * 12);
        const { tensors } = await runs.weights({ checkpoint: 'latest' });
        const recurrent = tensors.get(spectra[0]!.parameter)!.data;
        expect(rows[4 + 12 + 3 * 12 + 5]).toEqual(Array.from({ length: 12 }, (_, column) => Number(recurrent[(3 * 12 + 5) * 12 + column])));
      });
    });
  });

  it('shows a matrix without gates as a table of its numbers', async () => {
    await withPanel({ tables: ['Weights'], options: { 'weights.parameter': 'output.weight' } }, async (panel) => {
      const { data, shape } = (await runs.weights({ checkpoint: 'latest' })).tensors.get('output.weight')!;
      await expect.poll(async () => (await numbersOf(panel, 'Weights'))[2]).toEqual(Array.from({ length: shape[1]! }, (_, column) => Number(data[2 * shape[1]! + column])));
    });
  });
});
