// Takes pictures of the real extension in a real VS Code, in three themes and several widths, into .cache/screenshots,
// and the one of the README. `npm run screenshots`.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { waitForFigures } from './e2e/figures';
import { Workbench } from './e2e/workbench';
import { runProcess } from './launcher/processes';
import { root } from './root';

const themes = { dark: 'Default Dark Modern', light: 'Default Light Modern', contrast: 'Default High Contrast' } as const;
const sizes = { wide: { width: 1600, height: 1000 }, narrow: { width: 900, height: 1000 } } as const;
const figures = ['Gate activations', 'Gradient flow', 'Flow matrix', 'Loss'];
const steps = Number(process.env['UNROLL_SCREENSHOT_STEPS'] ?? 600);
const target = join(root, '.cache', 'screenshots');

/** A folder with the templates and a finished run of the LSTM. */
async function makeFolder(): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'unroll-pictures-')), 'whale');
  await mkdir(folder);
  const templates = join(root, 'media', 'templates');
  for (const cell of ['lstm', 'gru', 'rnn']) await cp(join(templates, `moby-char-${cell}.rnn.json`), join(folder, `moby-char-${cell}.rnn.json`));
  await cp(join(templates, 'data', 'moby-dick.txt'), join(folder, 'moby-dick.txt'));
  const spec = join(folder, 'moby-char-lstm.rnn.json');
  await writeFile(spec, (await readFile(spec, 'utf8')).replace(/"epochs": 5/, `"steps": ${steps}, "evaluateEvery": ${steps / 4}, "checkpointEvery": ${steps / 4}`));
  await runProcess(process.execPath, [join(root, 'dist', 'cli.js'), 'train', spec, '--json'], { timeout: 600_000 });
  return folder;
}

/** Puts the crosshair on a timestep in the middle, with the top of the panel in view. */
async function pointAt(panel: Frame): Promise<void> {
  await panel.evaluate(() => window.scrollTo(0, 0));
  await panel.getByRole('figure', { name: /Tokens/ }).first().hover();
  await panel.waitForTimeout(1_000);
}

async function picture(folder: string, theme: keyof typeof themes, size: keyof typeof sizes): Promise<void> {
  const settings = { 'workbench.colorTheme': themes[theme], 'editor.minimap.enabled': false, 'breadcrumbs.enabled': size === 'wide' };
  const workbench = await Workbench.open({ folder, extension: 'development', settings, viewport: sizes[size] });
  const { page } = workbench;
  const shoot = async (name: string): Promise<void> => void (await page.screenshot({ path: join(target, `${theme}-${size}-${name}.png`) }));
  try {
    await workbench.openFile('moby-char-lstm.rnn.json');
    await page.getByRole('tab', { name: 'Unroll' }).first().click();
    await workbench.lens(/LSTM 89/).waitFor();
    await page.mouse.move(800, 5); // off every tooltip
    await shoot('editor');
    await workbench.command('Unroll: Inspect Model');
    const panel = await workbench.webview('[role="figure"]');
    await waitForFigures(panel, figures);
    if (size === 'narrow') await workbench.command('View: Close Primary Side Bar');
    await pointAt(panel);
    await shoot('inspector');
    await page.getByRole('tab', { name: /^Inspector/ }).click();
    await workbench.command('View: Toggle Maximize Editor Group');
    await page.waitForTimeout(1_500);
    await pointAt(panel);
    await shoot('inspector-alone');
    await panel.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
    await page.waitForTimeout(500);
    await shoot('inspector-below');
  } catch (error) {
    await shoot('failed');
    throw error;
  } finally {
    await workbench.close();
  }
}

async function main(): Promise<void> {
  await mkdir(target, { recursive: true });
  const folder = await makeFolder();
  const wanted = process.argv.slice(2);
  try {
    for (const theme of Object.keys(themes) as (keyof typeof themes)[]) {
      for (const size of Object.keys(sizes) as (keyof typeof sizes)[]) {
        if (wanted.length === 0 || wanted.includes(`${theme}-${size}`)) await picture(folder, theme, size);
      }
    }
    if (wanted.length === 0) await cp(join(target, 'dark-wide-inspector-alone.png'), join(root, 'media', 'screenshot.png'));
  } finally {
    await rm(join(folder, '..'), { recursive: true, force: true, maxRetries: 5 });
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
