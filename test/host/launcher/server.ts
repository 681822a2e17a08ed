import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddedCode } from './install';
import { freePort, runProcess, startProcess } from './processes';

/** Settings that keep what is not under test out of the window; a test adds its own. */
const quietSettings: Readonly<Record<string, unknown>> = {
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.quickOpen.closeOnFocusLost': false,
  'workbench.tips.enabled': false,
  'extensions.ignoreRecommendations': true,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'git.enabled': false,
};

/** Tests ask no marketplace. */
const noGallery = { EXTENSIONS_GALLERY: '{}' };

/** Whether folders are trusted without asking, as a person would have to be asked. */
export type TrustMode = 'trust-all' | 'ask';

/** Where a server keeps what it knows, and how it runs. */
export interface ServerOptions {
  readonly userDataDir: string;
  readonly extensionsDir: string;
  readonly trust?: TrustMode;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Added to the environment of the extension host. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: any free one. */
  readonly port?: number;
}

/** A running VS Code server on 127.0.0.1. */
export interface CodeServer {
  readonly port: number;
  /** Process id of the server, whose children are the extension hosts. */
  readonly pid: number | undefined;
  /** Address of a workbench with this folder open; `payload` is VS Code's list of development options. */
  address(folder: string, payload?: readonly (readonly [string, string])[]): string;
  /** The way a development option names a file of the server's machine. */
  remote(path: string): string;
  end(): Promise<void>;
}

const startTimeout = 60_000;

function serverArguments(embedded: EmbeddedCode, options: ServerOptions): string[] {
  return [
    join(embedded.root, 'out', 'server-main.js'),
    '--accept-server-license-terms',
    `--server-data-dir=${options.userDataDir}`,
    `--user-data-dir=${options.userDataDir}`,
    `--extensions-dir=${options.extensionsDir}`,
    '--disable-telemetry',
  ];
}

/** Starts the server and settles when it answers; throws with its output when it does not. */
export async function startServer(embedded: EmbeddedCode, options: ServerOptions): Promise<CodeServer> {
  await writeSettings(options.userDataDir, options.settings ?? {});
  await mkdir(options.extensionsDir, { recursive: true });
  const port = options.port ?? (await freePort());
  const args = [...serverArguments(embedded, options), '--host=127.0.0.1', `--port=${port}`, '--without-connection-token', '--enable-smoke-test-driver'];
  if ((options.trust ?? 'trust-all') === 'trust-all') args.push('--disable-workspace-trust');
  const server = startProcess(embedded.node, args, { env: { ...process.env, ...noGallery, ...options.env } });
  await waitUntilServing(port, server.exited, server.output).catch(async (error: unknown) => {
    await server.end();
    throw error;
  });
  const authority = `127.0.0.1:${port}`;
  return {
    port,
    pid: server.child.pid,
    remote: (path) => `vscode-remote://${authority}${path}`,
    address(folder, payload = []) {
      const query = payload.length === 0 ? '' : `&payload=${encodeURIComponent(JSON.stringify(payload))}`;
      return `http://${authority}/?folder=${encodeURI(folder)}${query}`;
    },
    end: () => server.end(),
  };
}

/** Installs a `.vsix` as a person does with `code --install-extension`. */
export async function installExtension(embedded: EmbeddedCode, options: ServerOptions, vsix: string): Promise<void> {
  await runProcess(embedded.node, [...serverArguments(embedded, options), `--install-extension=${vsix}`, '--force'], { timeout: 120_000 });
}

async function waitUntilServing(port: number, exited: Promise<unknown>, output: () => string): Promise<void> {
  const deadline = Date.now() + startTimeout;
  let ended = false;
  void exited.then(() => (ended = true));
  while (Date.now() < deadline && !ended) {
    const answer = await fetch(`http://127.0.0.1:${port}/version`).catch(() => undefined);
    if (answer?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`VS Code's server did not ${ended ? 'stay up' : 'answer in time'}:\n${output()}`);
}

/** The workbench reads one of the two folders, depending on the version. */
async function writeSettings(userDataDir: string, settings: Readonly<Record<string, unknown>>): Promise<void> {
  for (const folder of [join(userDataDir, 'User'), join(userDataDir, 'data', 'User')]) {
    await mkdir(folder, { recursive: true });
    const file = join(folder, 'settings.json');
    const kept = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Record<string, unknown>;
    await writeFile(file, JSON.stringify({ ...quietSettings, ...kept, ...settings }, null, 2));
  }
}
