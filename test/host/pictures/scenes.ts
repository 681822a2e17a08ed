import type { Frame } from 'playwright-core';
import { waitForFigures } from '../e2e/figures';
import type { ColorTheme, Workbench } from '../e2e/workbench';
import { pictured } from './folder';

/** What pictures are taken of. */
export interface Scene {
  readonly name: string;
  /** Taken in these themes and this size only, and only when it is asked for. */
  readonly only?: { readonly width: number; readonly height: number; readonly themes: readonly ColorTheme[] };
  /** Brings the workbench there. */
  open(workbench: Workbench): Promise<Posed>;
}

/** A scene that is set. */
export interface Posed {
  /** What has to be done again in every theme and width before a picture is taken. */
  pose(width: number): Promise<void>;
  end?(): Promise<void>;
}

/** Narrower than this, the side bar is closed. */
const roomForSideBar = 700;
const figures = ['Gate activations', 'Gradient flow', 'Flow matrix', 'Loss'];
/** Higher than any Inspector. */
const mostHeight = 9_000;

export const scenes: readonly Scene[] = [
  { name: 'editor', open: openEditor },
  { name: 'inspector', open: openInspector },
  { name: 'verdict', open: openVerdict },
  { name: 'live', open: openLive },
  { name: 'readme', only: { width: 1600, height: 1140, themes: ['dark', 'light'] }, open: openAll },
];

/** A spec with its lenses, the models beside it, and the hover over a layer. */
async function openEditor(workbench: Workbench): Promise<Posed> {
  await openSpec(workbench, pictured.lstm);
  await workbench.lens(/LSTM 89/).waitFor({ timeout: 60_000 });
  const { page } = workbench;
  return {
    async pose(width) {
      await sideBar(workbench, width >= roomForSideBar ? 'open' : 'closed');
      await page.mouse.move(width - 40, 850); // off what was hovered before
      await page.waitForTimeout(400);
      await page.locator('.view-line span').getByText('"lstm"').first().hover();
      await page.locator('.monaco-hover:visible .hover-contents').first().waitFor();
      await page.waitForTimeout(400);
    },
  };
}

/** The Inspector alone, so high that every figure is on it, pointing at a timestep. */
async function openInspector(workbench: Workbench): Promise<Posed> {
  const panel = await openPanel(workbench, pictured.lstm);
  await waitForFigures(panel, figures);
  return {
    async pose(width) {
      await fitHeight(workbench, panel, width);
      await waitForFigures(panel, figures);
      await pointAt(panel);
    },
  };
}

/** The verdict on a model that cannot remember, at the top of the Inspector. */
async function openVerdict(workbench: Workbench): Promise<Posed> {
  const panel = await openPanel(workbench, pictured.forgetful);
  await panel.getByText('Diagnose memory').first().click();
  await panel.locator('.verdict[data-verdict=cannot-carry]').waitFor({ timeout: 60_000 });
  return {
    async pose() {
      await panel.evaluate(() => window.scrollTo(0, 0));
      await workbench.page.waitForTimeout(1_000);
    },
  };
}

/** A training under way beside its spec, with the Live view. */
async function openLive(workbench: Workbench): Promise<Posed> {
  await openSpec(workbench, pictured.gru);
  const training = '#live[data-state=running]';
  const live = await workbench.webview('#live');
  await workbench.press('Train', () => live.locator(training).isVisible());
  // Its first sample comes with its first checkpoint, which a slow machine may take minutes for: then without.
  await live.locator(`${training} .written .prompt`).waitFor({ timeout: 90_000 }).catch(() => undefined);
  return {
    pose: (width) => workbench.page.mouse.move(width - 40, 850).then(() => workbench.page.waitForTimeout(1_000)),
    end: () => workbench.command('Unroll: Stop Training'),
  };
}

/** Models, the training's numbers and the Inspector in one window, as the README shows them. */
async function openAll(workbench: Workbench): Promise<Posed> {
  const panel = await openPanel(workbench, pictured.lstm);
  await sideBar(workbench, 'open');
  await waitForFigures(panel, figures.slice(0, 2));
  return { pose: () => pointAt(panel) };
}

/** Opens a spec with the models beside it, and waits for its lenses. On a busy machine the first editor of a window was once seen without any for a minute; a second one has them. */
async function openSpec(workbench: Workbench, spec: string): Promise<void> {
  await workbench.page.getByRole('tab', { name: 'Unroll' }).first().click();
  const lens = workbench.lens(/Train/);
  for (let attempt = 0; attempt < 3 && !(await lens.isVisible()); attempt++) {
    if (attempt > 0) await workbench.command('View: Close All Editors');
    await workbench.openFile(spec);
    await lens.waitFor({ timeout: 20_000 }).catch(() => undefined);
  }
  await lens.waitFor();
}

async function openPanel(workbench: Workbench, spec: string): Promise<Frame> {
  await openSpec(workbench, spec);
  await workbench.command('Unroll: Inspect Model');
  const panel = await workbench.webview('[role="figure"]');
  await workbench.page.getByRole('tab', { name: /^Inspector/ }).click();
  await workbench.command('View: Close Editors in Other Groups');
  await sideBar(workbench, 'closed');
  return panel;
}

async function sideBar(workbench: Workbench, wanted: 'open' | 'closed'): Promise<void> {
  const isOpen = await workbench.page.locator('.part.sidebar').isVisible();
  if (isOpen !== (wanted === 'open')) await workbench.command(wanted === 'open' ? 'View: Toggle Primary Side Bar Visibility' : 'View: Close Primary Side Bar');
}

/** Makes the window just so high that all figures are in it. */
async function fitHeight({ page }: Workbench, panel: Frame, width: number): Promise<void> {
  // What comes into sight may grow when it is drawn, and a new width takes a moment to be laid out.
  for (let turn = 0; turn < 6; turn++) {
    await page.waitForTimeout(600);
    const missing = await panel.evaluate(() => {
      const bottoms = [...document.querySelectorAll('[role="figure"]')].map((figure) => figure.getBoundingClientRect().bottom);
      return Math.ceil(Math.max(...bottoms) + window.scrollY + 16 - window.innerHeight);
    });
    if (Math.abs(missing) < 8) return;
    const height = page.viewportSize()?.height ?? 0;
    await page.setViewportSize({ width, height: Math.min(mostHeight, height + missing) });
  }
}

/** Puts the crosshair on a timestep in the middle, with the top of the panel in view. */
async function pointAt(panel: Frame): Promise<void> {
  await panel.evaluate(() => window.scrollTo(0, 0));
  await panel.getByRole('figure', { name: /Tokens/ }).first().hover();
  await panel.waitForTimeout(1_000);
}
