import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { Runs } from '../../src/runs/runs';
import type { RunInfo } from '../../src/shared/run';
import { cellKinds, cellNames } from '../../src/spec/cellVariants';
import { LiveSession } from '../../src/views/liveService';
import { openComparison } from './comparePage';
import { openInspector } from './inspectorPage';
import { mobyDick, ModelRuns, specPath, specText } from './modelRuns';
import { themes } from './themes';
import { openWebview } from './webviewPage';

/** Where pictures go, and what takes them. */
export interface Studio {
  readonly browser: Browser;
  readonly origin: string;
  /** Saves the page under a name. */
  keep(page: Page, name: string): Promise<void>;
}

/** A picture of a page other than the Inspector with a trace. */
export interface PageScene {
  readonly name: string;
  take(studio: Studio): Promise<void>;
}

const kinds = Object.keys(themes);
const short = (theme: string): string => theme.replace('vscode-', '');

/** Real runs of small models on disk, trained when the first picture asks for them. */
class Workshop {
  private made?: Promise<{ readonly runs: Runs; readonly infos: readonly RunInfo[] }>;
  private readonly folder = mkdtempSync(join(tmpdir(), 'unroll-pictures-'));

  trained(): Promise<{ readonly runs: Runs; readonly infos: readonly RunInfo[] }> {
    return (this.made ??= this.train());
  }

  dispose(): void {
    void this.made?.then(({ runs }) => runs.dispose());
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async train(): Promise<{ readonly runs: Runs; readonly infos: readonly RunInfo[] }> {
    const worker = join(this.folder, 'engineWorker.js');
    await build({ entryPoints: ['src/engineHost/worker.ts'], outfile: worker, bundle: true, platform: 'node', target: 'node20', format: 'cjs', mainFields: ['module', 'main'], logLevel: 'error' });
    writeFileSync(join(this.folder, 'text.txt'), mobyDick.repeat(12));
    const runs = new Runs({ worker });
    const infos: RunInfo[] = [];
    for (const cell of cellKinds) {
      const path = join(this.folder, `${cell}.rnn.json`);
      const training = { batch: 8, window: 32, steps: 300, evaluateEvery: 50, checkpointEvery: 100, optimizer: { kind: 'adam', learningRate: 0.01 }, clip: { kind: 'norm', threshold: 1 } };
      writeFileSync(path, JSON.stringify({ version: 1, name: cell, task: { kind: 'language-model', data: 'text.txt', tokens: 'char' }, model: { layers: [{ cell, units: 32 }] }, training, inspect: { text: mobyDick.slice(0, 60) } }));
      infos.push(await (await runs.train(path)).finished);
    }
    return { runs, infos };
  }
}

const workshop = new Workshop();

/** Ends what pictures needed. */
export const disposeWorkshop = (): void => workshop.dispose();

function live(theme: string, newest: 'trained' | 'nothing'): PageScene {
  return {
    name: `live-${newest === 'nothing' ? 'empty-' : ''}${short(theme)}`,
    async take({ browser, keep }) {
      const { runs, infos } = await workshop.trained();
      const workbench = { newestRun: async () => (newest === 'nothing' ? undefined : infos[0]), copy: async () => undefined, newModel: async () => undefined, shows: () => undefined };
      const { page, close } = await openWebview(browser, 'live', (transport) => new LiveSession(runs, workbench, transport), { theme, width: 320, height: 560 });
      await page.waitForTimeout(1500);
      await keep(page, this.name);
      await close();
    },
  };
}

function comparison(theme: string, width: number): PageScene {
  return {
    name: `comparison-${short(theme)}-${width}`,
    async take({ browser, keep }) {
      const { runs, infos } = await workshop.trained();
      const labels = Object.fromEntries(infos.map(({ folder }, index) => [folder, cellNames[cellKinds[index] ?? 'lstm']]));
      const { page, close } = await openComparison(browser, runs, { title: 'Cells · moby', runs: infos.map(({ folder }) => folder), labels, kind: { cells: 3 } }, theme);
      await page.setViewportSize({ width, height: 1000 });
      await page.waitForTimeout(2500);
      await keep(page, this.name);
      await close();
    },
  };
}

/** Panels that have no figures, or a run that ended badly. */
const states: Readonly<Record<string, (runs: ModelRuns) => readonly RunInfo[]>> = {
  'no-run': () => [],
  failed: (runs) => [runs.info('failed', { checkpoints: [], step: 3, reason: 'The engine ran out of memory. Use a smaller model, batch or window.' })],
  'no-checkpoint': (runs) => [runs.info('stopped', { checkpoints: [] })],
  'just-begun': (runs) => [runs.info('running', { checkpoints: [], step: 0, steps: 4000 })],
  diverged: (runs) => [runs.info('diverged', { reason: 'The loss became NaN. A lower learning rate or clipping keeps it finite.' })],
};

function state(name: string, theme: string, width: number): PageScene {
  return {
    name: `state-${name}-${short(theme)}-${width}`,
    async take({ browser, origin, keep }) {
      const runs = new ModelRuns([{ cell: 'gru', units: 8 }]).train(6, [0, 6]);
      runs.infos = [...(states[name]?.(runs) ?? [])];
      const text = name === 'unreadable' ? '{ "version": 1, "name": ' : specText([{ cell: 'gru', units: 8 }]);
      const { page, close } = await openInspector(browser, { origin, runs, target: { specPath }, specText: text, theme, width, height: 800 });
      await page.waitForTimeout(1200);
      await keep(page, this.name);
      await close();
    },
  };
}

/** Side view, comparison, and what panels say when they have nothing to draw. */
export const pageScenes: readonly PageScene[] = [
  ...kinds.map((theme) => live(theme, 'trained')),
  live('vscode-dark', 'nothing'),
  ...kinds.map((theme) => comparison(theme, 1200)),
  comparison('vscode-dark', 500),
  ...[...Object.keys(states), 'unreadable'].map((name, index) => state(name, kinds[index % kinds.length] ?? 'vscode-dark', 900)),
  state('no-run', 'vscode-high-contrast', 500),
];
