import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it, vi } from 'vitest';
import type { SampleChoice, SampleTrace } from '../../src/shared/run';
import { workshop } from '../unit/runs/support';
import { browsing } from './browsing';
import { openInspector, type InspectorPage } from './inspectorPage';

// Each test trains a model and opens a browser's page, on machines that may have other things to do.
vi.setConfig({ testTimeout: 60_000 });

const shop = workshop();
const chromium = browsing();

interface Traced {
  readonly inspector: InspectorPage;
  readonly page: Page;
  /** The trace that the page should show. */
  trace(sample: SampleChoice): Promise<SampleTrace>;
}

/** Trains a model of the task for a moment and inspects its run, the tokens as a table. */
async function inspect(task: object, model: object, data: { readonly file: string; readonly text: string } | undefined, use: (traced: Traced) => Promise<void>): Promise<void> {
  if (data) writeFileSync(join(shop.folder, data.file), data.text);
  const specPath = join(shop.folder, 'task.rnn.json');
  writeFileSync(specPath, JSON.stringify({ version: 1, name: 'task', task: { ...task, ...(data && { data: data.file }) }, model, training: { batch: 8, window: 10, steps: 20 } }));
  const runs = shop.runs();
  const { folder } = await (await runs.train(specPath)).finished;
  const inspector = await openInspector(chromium.browser, { origin: chromium.origin, runs, target: { specPath }, specText: readFileSync(specPath, 'utf8'), height: 1400, state: { specPath, tables: ['Tokens'] } });
  try {
    await inspector.page.waitForSelector('#inspector[data-state=traced]');
    await use({ inspector, page: inspector.page, trace: (sample) => runs.trace({ run: folder, checkpoint: 'latest', sample }) });
    expect(inspector.complaints).toEqual([]);
  } finally {
    await inspector.close();
  }
}

/** Rows of the tokens' table: the text of a column, and its loss where it has one. */
async function rowsOf(page: Page): Promise<(readonly [string, number | null])[]> {
  const rows = page.locator('[data-figure="Tokens"] tbody tr');
  await rows.first().waitFor();
  return rows.evaluateAll((all) =>
    all.map((row) => {
      const [, token, loss] = [...row.querySelectorAll('td')];
      const value = Number(loss?.getAttribute('data-value'));
      return [token?.textContent ?? '', Number.isFinite(value) && loss?.hasAttribute('data-value') ? value : null] as const;
    }),
  );
}

const heldOut = (index: number): SampleChoice => ({ kind: 'held-out', index });
const visible = (token: string): string => token.replaceAll(' ', '·');

describe('the Inspector on a run that reads no text', () => {
  it('shows the values, answers and errors of a forecast, and goes to the next held-out window', async () => {
    const days = Array.from({ length: 900 }, (_, i) => `${(15 + 5 * Math.sin(i / 8)).toFixed(1)},${i % 6}`);
    const task = { kind: 'forecast', inputs: ['warm', 'wind'], targets: ['warm'], validation: 0.3 };
    await inspect(task, { layers: [{ cell: 'gru', units: 6 }] }, { file: 'days.csv', text: `warm,wind\n${days.join('\n')}\n` }, async ({ page, trace }) => {
      for (const index of [0, 1]) {
        const expected = await trace(heldOut(index));
        await expect.poll(() => page.locator('.sample-sentence').textContent()).toBe(expected.sample.sentence);
        await expect.poll(async () => (await rowsOf(page))[0]).toEqual([visible(expected.tokens[0]!), expected.losses[0]]);
        await expect.poll(() => rowsOf(page)).toEqual(expected.tokens.map((token, t) => [visible(token), expected.losses[t]]));
        await page.locator('[data-figure="Gate activations"]').focus();
        await page.keyboard.press('Home');
        const [warm, wind] = expected.tokens[0]!.split(' · ');
        await expect.poll(() => page.locator('.readout .note').first().textContent()).toContain(`reads warm ${warm}, wind ${wind}, the answer is ‘${expected.targets[0]}’`);
        await expect.poll(() => page.locator('.readout dl').textContent()).toContain(`answers${expected.values!.answers[0]}`);
        await page.getByRole('button', { name: 'Next held-out sample' }).click();
      }
    });
  });

  it('shows the one loss of a classification at its end, and takes a typed text', async () => {
    const names = Array.from({ length: 60 }, (_, i) => `${'abcdefgh'[i % 8]}${'xyz'[i % 3]}${'abcdefgh'[(i * 3) % 8]},${i % 2 === 0 ? 'even' : 'odd'}`);
    const task = { kind: 'classification', text: 'name', label: 'kind', tokens: 'char' };
    await inspect(task, { layers: [{ cell: 'lstm', units: 6 }] }, { file: 'names.csv', text: `name,kind\n${names.join('\n')}\n` }, async ({ page, trace }) => {
      const expected = await trace(heldOut(0));
      await expect.poll(() => rowsOf(page)).toEqual([...expected.tokens.slice(0, -1).map((token) => [token, null]), [expected.tokens.at(-1), expected.losses.at(-1)]]);
      const field = page.getByRole('textbox', { name: 'Sample text' });
      await field.click();
      await field.fill('abc');
      const typed = await trace({ kind: 'text', text: 'abc' });
      await expect.poll(() => page.locator('.sample-sentence').textContent()).toBe(typed.sample.sentence);
      expect(typed.sample.sentence).toContain('Its right label is unknown');
      await expect.poll(() => rowsOf(page)).toEqual([['a', null], ['b', null], ['c', typed.losses[2]]]);
      await expect.poll(() => page.locator('.readout .prediction .token').allTextContents()).toEqual(typed.predictions[2]!.map(({ token }) => token));
    });
  });

  it('marks which steps of a synthetic sequence have no loss', async () => {
    await inspect({ kind: 'synthetic', problem: 'recall', length: 16, lag: 5 }, { layers: [{ cell: 'gru', units: 6 }] }, undefined, async ({ page, trace }) => {
      const expected = await trace(heldOut(0));
      await expect.poll(() => page.locator('.sample-sentence').textContent()).toBe('Fresh sequence 1 of 512 of the problem "recall"; the true lag is 5.');
      await expect.poll(() => rowsOf(page)).toEqual(expected.tokens.map((token, t) => [token, t < 5 ? null : expected.losses[t]]));
    });
  });

  it('shows the source of a translation on the encoder and the target on the decoder', async () => {
    const words = Array.from({ length: 60 }, (_, i) => [i, i >> 2, i >> 4].map((digit) => 'abcd'[digit % 4]).join(''));
    const layers = [{ cell: 'gru', units: 6 }];
    const task = { kind: 'translation', source: 'word', target: 'capitals', tokens: { source: 'char', target: 'spaced' } };
    await inspect(task, { encoder: { layers }, decoder: { layers } }, { file: 'pairs.tsv', text: `word\tcapitals\n${words.map((word) => `${word}\t${[...word.toUpperCase()].join(' ')}`).join('\n')}\n` }, async ({ page, trace }) => {
      const expected = await trace(heldOut(0));
      await expect.poll(async () => (await rowsOf(page)).map(([token]) => token)).toEqual(expected.source);
      await page.getByRole('radio').nth(1).check({ force: true });
      await expect.poll(async () => (await rowsOf(page)).map(([token]) => token)).toEqual([...expected.tokens, expected.targets.at(-1)]);
      await expect.poll(async () => (await rowsOf(page)).map(([, loss]) => loss)).toEqual([null, ...expected.losses]);
    });
  });
});
