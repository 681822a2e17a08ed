import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProcess } from '../launcher/processes';
import { root } from '../root';
import { makeWorkspace } from '../workspace';
import { waitForFigures } from './figures';
import { Workbench } from './workbench';

/** A folder with a finished run that came from somebody else. The tests follow one another. */
describe('in Restricted Mode', () => {
  let folder: string;
  let workbench: Workbench;
  beforeAll(async () => {
    folder = await makeWorkspace(await mkdtemp(join(tmpdir(), 'unroll-stranger-')));
    await runProcess(process.execPath, [join(root, 'dist', 'cli.js'), 'train', join(folder, 'small.rnn.json'), '--json'], { timeout: 120_000 });
    workbench = await Workbench.open({ folder, extension: 'development', trust: 'ask' });
    await workbench.page.getByText('Restricted Mode is intended for safe code browsing').waitFor();
    await workbench.page.getByRole('tab', { name: 'Unroll' }).first().click();
  });
  afterAll(async () => {
    await workbench?.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const models = () => workbench.page.locator('.pane').filter({ hasText: 'Models' }).first();

  const notification = () => workbench.page.locator('.notifications-center .notification-list-item').first();

  it('the models say what does not work and why, beside the stored run', async () => {
    await models().getByText(/Restricted Mode: .* Training and diagnosing are off, because they read the data files/).waitFor();
    await models().locator('.monaco-list-row').filter({ hasText: /60 steps/ }).waitFor();
  });

  it('Train says that it is off, why, and how to turn it on', async () => {
    await workbench.openFile('small.rnn.json');
    await workbench.command('Notifications: Show Notifications');
    await workbench.press('Train', () => notification().getByText(/Training is off in Restricted Mode, because it reads the data files/).isVisible());
  });

  it('a stored run is inspected on typed text', async () => {
    await models().locator('.monaco-list-row').filter({ hasText: /60 steps/ }).click();
    const panel = await workbench.webview('[role="figure"]');
    await waitForFigures(panel, ['Gate activations', 'Flow matrix']);
  });

  it('everything works once the folder is trusted', async () => {
    await workbench.command('Notifications: Show Notifications');
    await notification().getByRole('button', { name: 'Manage Workspace Trust' }).click();
    await workbench.page.locator('.workspace-trust-editor').getByText('Trust', { exact: true }).first().click();
    await expect.poll(() => models().getByText('Restricted Mode').count()).toBe(0);
    await workbench.page.reload(); // the trust editor lies over the others
    await models().locator('.monaco-list-row').filter({ hasText: 'small.rnn.json' }).click();
    await workbench.press('Train', async () => (await readdir(join(folder, '.unroll', 'small'))).length === 2);
    await expect.poll(() => models().locator('.monaco-list-row').filter({ hasText: /60 steps/ }).count(), { timeout: 90_000 }).toBe(2);
  });
});
