// Takes pictures of the Inspector's page on a real trace in four themes and three widths, and of what it looks like
// compared, zoomed and as tables, and of the other pages, into .cache/pictures. `npm run screenshots:page`; names as arguments take only those.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './chromium';
import { openInspector, servePage, type InspectorPage } from './inspectorPage';
import { disposeWorkshop, pageScenes } from './pageScenes';
import { mobyDick, ModelRuns, specPath, specText } from './modelRuns';
import { themes } from './themes';

const folder = join('.cache', 'pictures');
const text = mobyDick.slice(0, 85);
const widths = { wide: 1400, middle: 900, narrow: 500 } as const;

interface Subject {
  readonly layers: readonly object[];
  readonly steps: number;
}

const subjects: Readonly<Record<string, Subject>> = {
  lstm: { layers: [{ cell: 'lstm', units: 48 }, { cell: 'lstm', units: 48, connection: 'highway' }], steps: 240 },
  gru: { layers: [{ cell: 'gru', units: 32 }], steps: 120 },
  rnn: { layers: [{ cell: 'rnn', units: 24 }], steps: 60 },
  large: { layers: [{ cell: 'lstm', units: 128 }, { cell: 'lstm', units: 128 }], steps: 20 },
};

/** What is done on the page before its picture is taken. */
const scenes: Readonly<Record<string, { readonly subject: string; readonly theme: string; readonly width: number; readonly act: (inspector: InspectorPage) => Promise<void>; readonly state?: object }>> = {
  ...Object.fromEntries(Object.keys(themes).flatMap((theme) => Object.entries(widths).map(([size, width]) => [`lstm-${theme.replace('vscode-', '')}-${size}`, { subject: 'lstm', theme, width, act: async () => undefined }]))),
  'gru-dark-wide': { subject: 'gru', theme: 'vscode-dark', width: 1400, act: async () => undefined },
  'large-dark-wide': { subject: 'large', theme: 'vscode-dark', width: 1400, act: async () => undefined },
  'rnn-light-wide': { subject: 'rnn', theme: 'vscode-light', width: 1400, act: async () => undefined },
  'compared-dark': { subject: 'lstm', theme: 'vscode-dark', width: 1600, act: async ({ page }) => page.getByRole('button', { name: 'Compare with other weights' }).click() },
  'compared-light-middle': { subject: 'lstm', theme: 'vscode-light', width: 900, act: async ({ page }) => page.getByRole('button', { name: 'Compare with other weights' }).click() },
  'all-gates-dark': { subject: 'lstm', theme: 'vscode-dark', width: 1400, act: async () => undefined, state: { open: ['gate.input', 'gate.forget', 'gate.output', 'gate.cell', 'c', 'h'], layer: 1 } },
  'how-to-light': { subject: 'lstm', theme: 'vscode-light', width: 1400, act: async ({ page }) => page.getByRole('button', { name: 'How to read: Gradient flow' }).click() },
  'menu-high-contrast': { subject: 'lstm', theme: 'vscode-high-contrast', width: 1000, act: async ({ page }) => page.getByRole('button', { name: 'Copy: Gate activations' }).click() },
  'tables-high-contrast-light': { subject: 'lstm', theme: 'vscode-high-contrast-light', width: 1400, act: async () => undefined, state: { tables: ['Gradient flow', 'Flow matrix', 'Loss'] } },
  'one-unit-dark': { subject: 'lstm', theme: 'vscode-dark', width: 1400, act: async () => undefined, state: { options: { 'tokens.row': 'c', 'tokens.unit': '7', 'tokens.scale': 'relative', 'units.sort': 'similarity' } } },
};

async function picture(browser: Browser, origin: string, runs: ModelRuns, name: string): Promise<void> {
  const scene = scenes[name];
  if (!scene) throw new Error(`There is no picture ${name}. There are: ${Object.keys(scenes).join(', ')}.`);
  const { layers } = subjects[scene.subject]!;
  const state = { specPath, ...scene.state };
  const inspector = await openInspector(browser, { origin, runs, target: { specPath }, specText: specText(layers, { inspect: { text } }), theme: scene.theme, width: scene.width, height: 1000, state });
  const { page } = inspector;
  try {
    await page.waitForSelector('#inspector[data-state=traced]');
    await page.evaluate(() => document.fonts.ready);
    await scene.act(inspector);
    // Everything has to be on screen to be drawn.
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width: scene.width, height: Math.min(6000, height + 800) });
    await page.waitForTimeout(400);
    const strip = await page.locator('[data-figure="Gate activations"] .plot canvas').first().boundingBox();
    if (strip) await page.mouse.move(strip.x + 0.72 * strip.width, strip.y + 8);
    await page.waitForTimeout(300);
    const full = await page.evaluate(() => Math.ceil(Math.max(...[...document.querySelectorAll('.figure, .readout, .menu, .how-to')].map((element) => element.getBoundingClientRect().bottom))));
    await page.screenshot({ path: join(folder, `${name}.png`), clip: { x: 0, y: 0, width: scene.width, height: full + 12 } });
    if (inspector.complaints.length > 0) process.stderr.write(`${name}: ${inspector.complaints.join('; ')}\n`);
  } finally {
    await inspector.close();
  }
}

async function main(): Promise<void> {
  await mkdir(folder, { recursive: true });
  const wanted = process.argv.slice(2);
  const isWanted = (name: string): boolean => wanted.length === 0 || wanted.some((part) => name.includes(part));
  const names = Object.keys(scenes).filter(isWanted);
  const trained = new Map<string, ModelRuns>();
  const [browser, server] = await Promise.all([launchChromium(), servePage()]);
  try {
    for (const name of names) {
      const { subject } = scenes[name]!;
      const { layers, steps } = subjects[subject]!;
      const runs = trained.get(subject) ?? new ModelRuns(layers, text).train(steps, [0, 1, 2, 3, 4].map((part) => (part * steps) / 4));
      trained.set(subject, runs);
      await picture(browser, server.origin, runs, name);
      process.stdout.write(`${name}\n`);
    }
    const studio = { browser, origin: server.origin, keep: async (page: Page, name: string) => void (await page.screenshot({ path: join(folder, `${name}.png`) })) };
    for (const scene of pageScenes.filter(({ name }) => isWanted(name))) {
      await scene.take(studio);
      process.stdout.write(`${scene.name}\n`);
    }
  } finally {
    disposeWorkshop();
    await browser.close();
    server.close();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
