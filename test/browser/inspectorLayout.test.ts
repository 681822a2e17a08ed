import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { timeConstantsOf } from '../../webview/plots/unitOrder';
import type { InspectorPage } from './inspectorPage';
import { figureOf, inspecting } from './inspecting';
import { ModelRuns, numberAt } from './modelRuns';
import { themes } from './themes';
import { untilAllHold } from './untilAllHold';

const layers = [{ cell: 'lstm', units: 8 }, { cell: 'lstm', units: 8, connection: 'highway' }];
const runs = new ModelRuns(layers).train(40, [0, 20, 40]);
const traced = inspecting(runs, layers);
const widths = [1400, 900, 500];

/** What of the headers stands outside its figure or on top of something else, in words. */
function headerFaults({ page }: InspectorPage): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = [];
    for (const figure of document.querySelectorAll<HTMLElement>('.figure')) {
      const frame = figure.getBoundingClientRect();
      const parts = [...figure.querySelectorAll<HTMLElement>('.figure-header :is(h2, .note, .choice, .key, .figure-buttons)')].filter((part) => part.getClientRects().length > 0 && part.textContent !== '');
      const boxes = parts.map((part) => ({ name: part.className || part.tagName, box: part.getBoundingClientRect() }));
      for (const { name, box } of boxes) if (box.right > frame.right + 1 || box.left < frame.left - 4) faults.push(`${figure.dataset['figure']}: ${name} reaches out`);
      boxes.forEach(({ name, box }, index) => {
        for (const other of boxes.slice(index + 1)) {
          const [across, down] = [Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left), Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top)];
          if (across > 1 && down > 2) faults.push(`${figure.dataset['figure']}: ${name} lies on ${other.name}`);
        }
      });
    }
    return faults;
  });
}

describe('the panel at every width', () => {
  it.each(widths)('keeps headers apart and inside, and everything within %i pixels, in every theme', (width) =>
    traced(
      async (inspector) => {
        for (const theme of Object.keys(themes)) {
          await inspector.setTheme(theme);
          await expect.poll(() => headerFaults(inspector)).toEqual([]);
          await expect.poll(() => inspector.page.evaluate(() => document.documentElement.scrollWidth), { message: theme }).toBeLessThanOrEqual(width);
        }
      },
      { width },
    ));

  it('shows loss, gates and gradient on the first screen of a wide panel', () =>
    traced(async (inspector) => {
      const bottom = (name: string): Promise<number> => figureOf(inspector, name).evaluate((figure) => figure.getBoundingClientRect().bottom);
      await expect.poll(() => bottom('Tokens')).toBeLessThan(260);
      await expect.poll(() => bottom('Gradient flow')).toBeLessThan(1000);
    }));

  it('gives the slider the whole width of a narrow panel', () =>
    traced(async ({ page }) => expect.poll(() => page.locator('.slider').first().evaluate((slider) => slider.clientWidth)).toBeGreaterThan(200), { width: 500 }));

  it('puts the small figures in pairs where there is room for two but not for a side column', () =>
    traced(
      async (inspector) => {
        await untilAllHold(async () => {
          const [left, right] = await Promise.all(['Clipping', 'Loss'].map((name) => figureOf(inspector, name).boundingBox()));
          expect(left!.y).toBe(right!.y);
          expect(right!.x).toBeGreaterThan(left!.x + left!.width - 1);
        });
      },
      { width: 900 },
    ));
});

describe('time constants', () => {
  it('stand in a row for each layer, the shown one or not', () =>
    traced(
      async (inspector) => {
        const trace = runs.traceNow({ checkpoint: 'latest', flow: 'with-flow' });
        const tables = figureOf(inspector, 'Time constants').locator('.table');
        await expect.poll(() => tables.locator('caption').allTextContents()).toEqual(['Time constants, layer 1', 'Time constants, layer 0']);
        const { shape } = trace.tensors.get('layer1.forward.gate.forget')!;
        const means = Float64Array.from({ length: 8 }, (_, unit) => Array.from({ length: shape[0]! }, (__, t) => numberAt(trace, 'layer1.forward.gate.forget', t, unit)).reduce((sum, value) => sum + value, 0) / shape[0]!);
        const shown = (): Promise<number[]> => tables.first().locator('td[data-value]').evaluateAll((cells) => cells.map((cell) => Number(cell.getAttribute('data-value'))));
        await expect.poll(shown).toEqual([...timeConstantsOf(means)].map((constant) => expect.closeTo(constant, 3)));
      },
      { state: { specPath: '/models/moby.rnn.json', tables: ['Time constants'] } },
    ));
});

describe('the style', () => {
  it('holds no class that no page uses', async () => {
    const sheets = await Promise.all(['inspectorStyle', 'comparisonStyle', 'liveStyle'].map((name) => readFile(`dist/${name}.css`, 'utf8')));
    const scripts = (await Promise.all(['inspector', 'comparison', 'live'].map((name) => readFile(`dist/${name}.js`, 'utf8')))).join('\n');
    const classes = new Set(sheets.flatMap((sheet) => [...sheet.replaceAll(/\/\*.*?\*\//gs, '').replaceAll(/\{[^{}]*\}/g, '{}').matchAll(/\.([a-z][a-z-]*)/g)].map(([, name]) => name!)));
    const given = (name: string): boolean => new RegExp(`["'\`\\s.]${name}["'\`\\s]`).test(scripts) || name.startsWith('vscode-');
    expect([...classes].filter((name) => !given(name))).toEqual([]);
  });
});
