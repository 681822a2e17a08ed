import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { chromium, type Browser } from 'playwright-core';

const run = promisify(execFile);

/** Flags for a browser that draws without a GPU, asks nobody anything and runs as root in a container. */
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Names under which a distribution installs Chromium or Chrome. */
const systemNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Path of a Chromium that is already on this machine: Playwright's own, else the system's. */
export function findChromium(): string | undefined {
  const own = chromium.executablePath();
  if (existsSync(own)) return own;
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => systemNames.map((name) => join(folder, name))).find((path) => existsSync(path));
}

/** Root on a Debian can install the distribution's package, which brings the system libraries along. */
function canUseApt(): boolean {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

/**
 * Finds a Chromium, installing one when there is none: Debian's package where this process may,
 * else Playwright's own download. Throws with what to do when neither can be had.
 */
export async function ensureChromium(): Promise<string> {
  const found = findChromium();
  if (found !== undefined) return found;
  const failures: string[] = [];
  const attempts = [canUseApt() ? installDebianChromium : undefined, installPlaywrightChromium].filter((attempt) => attempt !== undefined);
  for (const attempt of attempts) {
    try {
      await attempt();
      const installed = findChromium();
      if (installed !== undefined) return installed;
    } catch (error) {
      failures.push(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
    }
  }
  throw new Error(`No Chromium found and none could be installed (${failures.join('; ')}). Install the package "chromium" or run: npx playwright-core install chromium`);
}

async function installDebianChromium(): Promise<void> {
  const options = { timeout: 300_000, maxBuffer: 1 << 26, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  await run('apt-get', ['update'], options);
  await run('apt-get', ['install', '--yes', '--no-install-recommends', 'chromium', 'fonts-liberation', 'fonts-dejavu-core'], options);
}

async function installPlaywrightChromium(): Promise<void> {
  const cli = join(dirname(createRequire(__filename).resolve('playwright-core/package.json')), 'cli.js');
  await run(process.execPath, [cli, 'install', 'chromium'], { timeout: 300_000, maxBuffer: 1 << 26 });
}

/** Starts a headless Chromium with a fresh profile; the caller closes it. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: await ensureChromium(), headless: true, args: flags });
}
