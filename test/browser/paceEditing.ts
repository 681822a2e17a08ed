import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { Runs } from '../../src/runs/runs';
import { openInspector, servePage, type InspectorPage } from './inspectorPage';

/*
 * How long a person waits for figures: after a keystroke in the sample, until those that need no flow matrix and until
 * all figures are drawn; and how often they follow a training, and what that costs it. With the worker that ships.
 */

const tokens = 200;

/** A model on Moby Dick in a folder of its own; `use` gets its spec. */
async function withModel(model: object, training: object, use: (runs: Runs, specPath: string, text: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'unroll-pace-'));
  const runs = new Runs({ worker: resolve('dist', 'engineWorker.js') });
  try {
    const text = await readFile(join('media', 'templates', 'data', 'moby-dick.txt'), 'utf8');
    const specPath = join(folder, 'pace.rnn.json');
    // A field holds one line.
    const sample = text.replaceAll(/\s+/g, ' ').slice(40_000, 40_000 + tokens);
    await writeFile(join(folder, 'text.txt'), text);
    await writeFile(specPath, JSON.stringify({ version: 1, name: 'pace', task: { kind: 'language-model', data: 'text.txt', tokens: 'char' }, model, training, inspect: { text: sample } }));
    await use(runs, specPath, sample);
  } finally {
    await runs.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

async function open(browser: Browser, runs: Runs, specPath: string, height: number): Promise<InspectorPage & { stop(): Promise<void> }> {
  const server = await servePage();
  const inspector = await openInspector(browser, { origin: server.origin, runs, target: { specPath }, specText: await readFile(specPath, 'utf8'), width: 1400, height });
  await inspector.page.evaluate(() => ((window as unknown as { __name: unknown }).__name = (each: unknown) => each));
  await inspector.page.waitForSelector('#inspector[data-figures=whole][data-flow=with-flow]', { timeout: 60_000 });
  return {
    ...inspector,
    async stop() {
      await inspector.close();
      server.close();
    },
  };
}

interface TimedPage {
  drawn: Promise<{ readonly first: number; readonly all: number }>;
}

/** Runs in the page: from the next key on, milliseconds until the first figures of so many steps are drawn and until all are. */
function watchKeys(steps: number): void {
  const root = document.querySelector<HTMLElement>('#inspector');
  if (!root) throw new Error('There is no Inspector.');
  (window as unknown as TimedPage).drawn = new Promise((resolve) => {
    let [begin, first] = [Number.NaN, Number.NaN];
    const observer = new MutationObserver(() => {
      if (root.dataset['steps'] !== String(steps) || root.dataset['figures'] !== 'whole') return;
      if (Number.isNaN(first)) first = performance.now() - begin;
      if (root.dataset['flow'] !== 'with-flow') return;
      observer.disconnect();
      resolve({ first, all: performance.now() - begin });
    });
    document.addEventListener('input', () => (begin = performance.now()), { capture: true, once: true });
    observer.observe(root, { attributes: true });
  });
}

/** Types a text and waits until it is drawn. */
async function typed(page: Page, text: string): Promise<{ readonly first: number; readonly all: number }> {
  await page.evaluate(watchKeys, text.length);
  await page.getByRole('textbox', { name: 'Sample text' }).fill(text);
  return page.evaluate(() => (window as unknown as TimedPage).drawn);
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Edits a sample of 200 tokens of a 2 × 128 LSTM, a key at a time. */
export async function measureEditing(browser: Browser): Promise<string> {
  let report = '';
  await withModel({ layers: [{ cell: 'lstm', units: 128, repeat: 2 }] }, { steps: 2, batch: 8, window: 16, evaluateEvery: 1000 }, async (runs, specPath, sample) => {
    await (await runs.train(specPath)).finished;
    // All figures on the screen.
    const inspector = await open(browser, runs, specPath, 4000);
    const first: number[] = [];
    const all: number[] = [];
    const engine: string[] = [];
    for (let key = 0; key < 9; key++) {
      const text = sample.slice(0, key % 2 === 0 ? tokens - 1 : tokens);
      const took = await typed(inspector.page, text);
      // The first keys meet cold code.
      if (key >= 2) {
        first.push(took.first);
        all.push(took.all);
        engine.push((await inspector.page.locator('.sample .traced').textContent()) ?? '');
      }
      await sleep(700);
    }
    await inspector.stop();
    report = `after a keystroke, 2 × 128 LSTM, ${tokens} tokens: figures without flow ${median(first).toFixed(0)} ms (${Math.min(...first).toFixed(0)} to ${Math.max(...first).toFixed(0)}), all ${median(all).toFixed(0)} ms (${Math.min(...all).toFixed(0)} to ${Math.max(...all).toFixed(0)}); of which the engine: ${engine.join(', ')}`;
  });
  return report;
}

/** Runs in the page: how often other weights were drawn in so many milliseconds. */
async function followed(page: Page, milliseconds: number): Promise<number> {
  return page.evaluate(async (span) => {
    const root = document.querySelector<HTMLElement>('#inspector');
    let drawn = 0;
    let last = '';
    const observer = new MutationObserver(() => {
      const step = root?.dataset['step'] ?? '';
      if (step !== last && root?.dataset['figures'] === 'whole') {
        last = step;
        drawn++;
      }
    });
    if (root) observer.observe(root, { attributes: true });
    await new Promise((resolve) => setTimeout(resolve, span));
    observer.disconnect();
    return drawn / (span / 1000);
  }, milliseconds);
}

/** Follows a training of the template's size, and counts how often it is drawn and what it costs, alone and followed in turn. */
export async function measureLive(browser: Browser): Promise<string> {
  let report = '';
  await withModel({ layers: [{ cell: 'lstm', units: 128 }] }, { optimizer: { kind: 'adam', learningRate: 0.002 }, clip: { kind: 'norm', threshold: 5 }, batch: 50, window: 50, steps: 1_000_000, evaluateEvery: 1_000_000, checkpointEvery: 100_000 }, async (runs, specPath, sample) => {
    const training = await runs.train(specPath, { text: (await readFile(specPath, 'utf8')).replace(JSON.stringify(sample), JSON.stringify(sample.slice(0, 62))) });
    let [step, at] = [0, 0];
    runs.onDidChange(({ columns }) => void ([step, at] = [columns?.step.at(-1) ?? step, performance.now()]));
    const rate = async (watch: () => Promise<void>): Promise<number> => {
      await sleep(500);
      const [fromStep, from] = [step, at];
      await watch();
      return ((step - fromStep) / (at - from)) * 1000;
    };
    const alone: number[] = [];
    const watched: number[] = [];
    const pace: number[] = [];
    for (let pair = 0; pair < 3; pair++) {
      alone.push(await rate(() => sleep(3000)));
      const inspector = await open(browser, runs, specPath, 1000);
      watched.push(await rate(async () => void pace.push(await followed(inspector.page, 3000))));
      await inspector.stop();
    }
    await training.stop();
    const cost = 1 - median(watched) / median(alone);
    report = `a training that is followed (1 × 128, batch 50, window 50; 62 tokens shown): figures drawn ${median(pace).toFixed(1)} times a second; ${median(alone).toFixed(1)} steps a second alone, ${median(watched).toFixed(1)} followed: ${(100 * cost).toFixed(1)} % slower (page and browser on the same two processors)`;
  });
  return report;
}
