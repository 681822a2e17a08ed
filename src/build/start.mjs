// `npm start`: installs what is missing, builds, and opens a VS Code with Unroll and a sample workspace.
// With `code` on the PATH that is the desktop program; else, or with --no-open, one served on 127.0.0.1.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installPackages, requireNode, run } from './install.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

function onPath(program) {
  const names = process.platform === 'win32' ? [`${program}.cmd`, `${program}.exe`] : [program];
  return (process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name))).find((path) => existsSync(path));
}

/** Shows an address in the person's browser where there is a screen to show it on. */
function openInBrowser(address) {
  const opener = { darwin: 'open', win32: 'explorer' }[process.platform] ?? (process.env.DISPLAY || process.env.WAYLAND_DISPLAY ? 'xdg-open' : undefined);
  if (opener && onPath(opener)) spawn(opener, [address], { stdio: 'ignore', detached: true }).on('error', () => undefined).unref();
}

/** npm runs a script through a shell that passes no signal on: when npm is ended, its script only loses its parent. */
function whenOrphaned(end) {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && end(), 1000).unref();
}

/** Serves until Ctrl+C, which reaches the server's process too and lets it end in its own time. */
async function serve(folder, { port, open }) {
  await (await import('./testBundles.mjs')).build();
  process.on('SIGINT', () => undefined);
  const child = spawn(process.execPath, [join(root, 'dist/test/serve.js'), folder, ...(port ? [port] : [])], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const end = () => child.kill('SIGTERM');
  process.on('SIGTERM', end);
  whenOrphaned(end);
  child.once('message', ({ address }) => open && openInBrowser(address));
  await new Promise((resolve) => child.once('exit', (code) => resolve((process.exitCode = code ?? 0))));
}

async function main() {
  requireNode();
  const { values } = parseArgs({ options: { 'no-open': { type: 'boolean', default: false }, port: { type: 'string' } } });
  await installPackages();
  console.log('Building');
  await run(process.execPath, ['src/build/build.mjs']);
  const folder = await (await import('./sample.mjs')).makeSample();
  const code = values['no-open'] ? undefined : onPath('code');
  if (!code) return serve(folder, { port: values.port, open: !values['no-open'] });
  console.log(`Opening ${folder} in VS Code; this ends when its window is closed, or with Ctrl+C.`);
  await run(code, [`--extensionDevelopmentPath=${root}`, '--new-window', '--wait', folder], { shell: process.platform === 'win32' });
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
