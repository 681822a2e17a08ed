import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender } from './interleave';
import { Program } from './program';

/** Where the peers are installed; the packages of the project itself know nothing of them. */
const folder = join(__dirname, 'peers');

/** Other JavaScript libraries that train recurrent networks; undefined when they cannot be installed. */
export function findPeers(): { readonly tfjs: Contender; readonly brain: Contender } | undefined {
  cpSync(join(__dirname, '../../test/bench/peers'), folder, { recursive: true });
  if (!isInstalled() && spawnSync('npm', ['ci', '--ignore-scripts', '--omit=peer', '--loglevel=error'], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' }).status !== 0) return undefined;
  const peer = (name: string, program: string): Contender => ({ name, start: () => new Program(process.execPath, [join(folder, program)]) });
  return { tfjs: peer(`tfjs-wasm ${versionOf('@tensorflow/tfjs-backend-wasm')}`, 'tfjs.mjs'), brain: peer(`brain.js ${versionOf('brain.js')}`, 'brain.mjs') };
}

function isInstalled(): boolean {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
  return Object.entries(dependencies).every(([name, version]) => existsSync(manifestOf(name)) && versionOf(name) === version);
}

function versionOf(name: string): string {
  return (JSON.parse(readFileSync(manifestOf(name), 'utf8')) as { version: string }).version;
}

function manifestOf(name: string): string {
  return join(folder, 'node_modules', name, 'package.json');
}
