// Installs the packages of the lock file when they are missing or stale. Needs nothing but Node and npm.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const oldestNode = 20;

/** Ends the program with a sentence when this Node is too old. */
export function requireNode() {
  if (Number(process.versions.node.split('.')[0]) >= oldestNode) return;
  console.error(`Unroll needs Node ${oldestNode} or newer; this is ${process.version}.`);
  process.exit(1);
}

/** Runs a program of this project with inherited output; rejects when it fails. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' && command === 'npm', ...options });
    child.once('error', reject);
    child.once('exit', (code, signal) => (code === 0 ? resolve() : reject(new Error(`${command} ${args.join(' ')} ended with ${code ?? signal}`))));
  });
}

/** Whether every package of the lock file is in node_modules in the version the lock file names. */
function isInstalled() {
  const { packages } = JSON.parse(readFileSync(`${root}/package-lock.json`, 'utf8'));
  return Object.entries(packages).every(([path, { version, optional, link }]) => {
    if (path === '' || optional === true || link === true) return true;
    const manifest = `${root}/${path}/package.json`;
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version;
  });
}

export async function installPackages() {
  if (isInstalled()) return;
  console.log('Installing packages with npm ci');
  await run('npm', ['ci', '--ignore-scripts', '--no-fund', '--no-audit', '--loglevel=error']);
}
