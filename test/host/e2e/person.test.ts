import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newestVsix } from '../../package/vsix';
import { waitForFigures } from './figures';
import { Workbench } from './workbench';

const figures = ['Gate activations', 'Gradient flow', 'Flow matrix', 'Loss'];
/** The bound of the issue: a person waits until the model has learnt something to look at. */
const wantedLoss = 2.5;

/** The packaged extension, installed, and used as a person does: with mouse and keyboard, from an empty folder. The tests follow one another. */
describe('a person with the installed extension', () => {
  let folder: string;
  let workbench: Workbench;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unroll-person-'));
    workbench = await Workbench.open({ folder, extension: { vsix: await newestVsix() } });
  });
  afterAll(async () => {
    await workbench?.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const row = (text: string | RegExp) => workbench.page.locator('.pane-body .monaco-list-row').filter({ hasText: text }).first();
  const status = () => workbench.page.locator('.statusbar-item').filter({ hasText: 'moby-char-lstm' }).first();
  let panel: Frame;

  it('installs everything that the package holds', () => {
    const [installed] = readdirSync(workbench.extensionsDir).filter((name) => name.startsWith('unroll.unroll-rnn'));
    expect(installed).toBeDefined();
    for (const file of ['dist/engineWorker.js', 'dist/inspector.js', 'media/rnn.schema.json', 'media/templates/data/moby-dick.txt']) expect(existsSync(join(workbench.extensionsDir, installed!, file)), file).toBe(true);
  });

  it('finds New Model in the empty view and makes a model from a template', async () => {
    await workbench.page.getByRole('tab', { name: 'Unroll' }).first().click();
    await workbench.page.locator('.welcome-view').getByText('New Model').click();
    await workbench.quickInput.getByText('Character LSTM on Moby Dick').click();
    await workbench.quickInput.getByText('Name of the model').waitFor();
    await workbench.page.keyboard.press('Enter');
    await workbench.page.locator('.tab.active').filter({ hasText: 'moby-char-lstm.rnn.json' }).waitFor();
    expect(readdirSync(folder).sort()).toEqual(['moby-dick.txt', 'moby-char-lstm.rnn.json'].sort());
  });

  it('reads above the layer what it is', async () => {
    // 89 characters one-hot: 4·128·(89 + 128 + 2).
    await workbench.lens('LSTM 89 → 128 · 112,128 parameters').waitFor();
  });

  it('presses Train above the spec and waits until the loss is below 2.5 nats a character', async () => {
    await workbench.press('Train', () => status().isVisible());
    const started = Date.now();
    for (;;) {
      const text = await status().innerText();
      const loss = Number(/loss ([\d.]+)/.exec(text)?.[1] ?? Number.NaN);
      if (loss < wantedLoss) break;
      expect(Date.now() - started, text).toBeLessThan(240_000);
      await workbench.page.waitForTimeout(250);
    }
    console.log(`below ${wantedLoss} nats after ${((Date.now() - started) / 1000).toFixed(0)} s: ${await status().innerText()}`);
  });

  it('sees the run in the tree and the live state above the spec', async () => {
    await row(/step [\d,]+ of/).waitFor();
    await workbench.lens(/step [\d,]+ of/).waitFor();
  });

  it('inspects the training under way: every figure is drawn', async () => {
    await workbench.inspect();
    panel = await workbench.webview('[role="figure"]');
    await waitForFigures(panel, figures);
  });

  it('reads numbers under the crosshair, by mouse and by keyboard', async () => {
    const readout = panel.getByLabel('Readout');
    const figure = panel.locator('[role="figure"][aria-label*="Flow"]').first();
    await figure.hover();
    await expect.poll(() => readout.innerText()).toMatch(/\d/);
    const before = await readout.innerText();
    await figure.focus();
    for (const key of ['Home', 'ArrowRight', 'ArrowRight']) await workbench.page.keyboard.press(key);
    await expect.poll(() => readout.innerText()).not.toBe(before);
  });

  it('stops the training from the spec', async () => {
    await workbench.press('Stop', () => row(/stopped at step/).isVisible());
    await workbench.lens('Train').waitFor();
  });

  it('finds the run again after VS Code was reloaded, and inspects its stored checkpoint', async () => {
    await workbench.page.reload();
    await workbench.page.locator('.monaco-workbench .part.statusbar').waitFor();
    await row(/stopped at step/).waitFor();
    await workbench.page.locator('.tab').filter({ hasText: 'moby-char-lstm.rnn.json' }).first().click();
    await row(/stopped at step/).click();
    panel = await workbench.webview('[role="figure"]');
    await waitForFigures(panel, figures);
  });

  it('never violated the content security policy', () => {
    expect(workbench.policyViolations).toEqual([]);
  });
});
