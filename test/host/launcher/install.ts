import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProcess } from './processes';

/** The VS Code that npm carries: code-server's copy of the real server and workbench (1.139.1). */
const codeServerVersion = '4.139.1';
/** The Node that VS Code's extension host is built for. */
const nodeMajor = 24;

/** A VS Code server on this machine, ready to start. */
export interface EmbeddedCode {
  /** The Node 24 that runs it. */
  readonly node: string;
  /** Folder of the VS Code server (`out/server-main.js`). */
  readonly root: string;
}

const installTimeout = 300_000;

/**
 * Installs the VS Code server from npm below `cacheFolder`, once; later calls find it there.
 * A half-made install is never taken for a whole one: the folder gets its name when it is complete.
 */
export async function ensureEmbeddedCode(cacheFolder: string, report: (message: string) => void): Promise<EmbeddedCode> {
  const nodePackage = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const folder = join(cacheFolder, `vscode-${codeServerVersion}`);
  const found: EmbeddedCode = {
    node: join(folder, 'node_modules', nodePackage, 'bin', process.platform === 'win32' ? 'node.exe' : 'node'),
    root: join(folder, 'node_modules', 'code-server', 'lib', 'vscode'),
  };
  if (existsSync(folder)) return found;

  report(`Installing VS Code's server from npm (code-server ${codeServerVersion}, Node ${nodeMajor}), once`);
  const making = `${folder}.${process.pid}`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { recursive: true });
  await writeFile(join(making, 'package.json'), JSON.stringify({ private: true }));
  await npm(making, ['install', '--ignore-scripts', `code-server@${codeServerVersion}`, `${nodePackage}@${nodeMajor}`]);
  const server = join(making, 'node_modules', 'code-server', 'lib', 'vscode');
  for (const inner of [server, join(server, 'extensions')]) await npm(inner, ['install', '--omit=dev', '--ignore-scripts']);
  await buildLogging(making, nodePackage, server, report);
  await moveInPlace(making, folder);
  return found;
}

/** The host's own log files need two small native modules; a machine without a compiler does without them. */
async function buildLogging(making: string, nodePackage: string, server: string, report: (message: string) => void): Promise<void> {
  const headers = join(making, 'node_modules', nodePackage);
  try {
    await npm(server, ['rebuild', '@vscode/spdlog', '@vscode/native-watchdog'], { npm_config_nodedir: headers, PATH: `${join(headers, 'bin')}:${process.env['PATH'] ?? ''}` });
  } catch {
    report('No C++ compiler here: VS Code runs without its own log files');
  }
}

async function moveInPlace(making: string, folder: string): Promise<void> {
  try {
    await rename(making, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    await rm(making, { recursive: true, force: true }); // another process was faster
  }
}

async function npm(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
  const quiet = ['--no-fund', '--no-audit', '--loglevel=error'];
  await runProcess('npm', [...args, ...quiet], { cwd, env: { ...process.env, ...env }, timeout: installTimeout, shell: process.platform === 'win32' });
}

/** Version of the VS Code that `embedded` is, e.g. `1.139.1`. */
export async function codeVersion(embedded: EmbeddedCode): Promise<string> {
  const { version } = JSON.parse(await readFile(join(embedded.root, 'package.json'), 'utf8')) as { version: string };
  return version;
}
