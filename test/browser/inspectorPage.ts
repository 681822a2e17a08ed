import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import type { InspectorTarget } from '../../src/shared/inspectorProtocol';
import { contentSecurityPolicy, panelHtml } from '../../src/views/panelHtml';
import { InspectorSession, type InspectorRuns, type InspectorWorkbench } from '../../src/views/inspectorService';
import { openPiped, servePipe } from './pipe';
import { themes } from './themes';

/** Serves the bundled page with the policy that the panel ships, as a header as well. */
export async function servePage(): Promise<{ readonly origin: string; close(): void }> {
  const server: Server = createServer((request, response) => void answer(request.url ?? '/', response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(url: string, response: ServerResponse): Promise<void> {
    const types: Record<string, string> = { '/inspector.js': 'text/javascript', '/inspectorStyle.css': 'text/css' };
    const type = types[url];
    if (type !== undefined) {
      response.writeHead(200, { 'content-type': type }).end(await readFile(`dist${url}`));
    } else if (servePipe(url, response) === 'answered') {
      return;
    } else if (url === '/') {
      const nonce = randomBytes(16).toString('base64');
      const html = panelHtml('inspector', { script: '/inspector.js', style: '/inspectorStyle.css', cspSource: origin, nonce });
      response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': contentSecurityPolicy({ cspSource: origin, nonce }) }).end(html);
    } else {
      response.writeHead(404).end();
    }
  }
  return { origin, close: () => server.close() };
}

/** What the page asked of the workbench. */
export interface WorkbenchLog {
  readonly calls: string[];
}

export interface OpenOptions {
  readonly origin: string;
  readonly runs: InspectorRuns;
  readonly target: InspectorTarget;
  readonly specText?: string;
  /** Body class that VS Code gives a webview for its kind of theme. */
  readonly theme?: string;
  readonly width?: number;
  readonly height?: number;
  /** What the webview had stored before. */
  readonly state?: unknown;
  readonly reducedMotion?: 'reduce' | 'no-preference';
}

/** An Inspector in a browser, served by the session that the panel uses. */
export interface InspectorPage {
  readonly page: Page;
  readonly session: InspectorSession;
  /** Everything the browser complained about: policy violations, errors, failed loads. */
  readonly complaints: string[];
  readonly workbench: WorkbenchLog;
  /** Puts another theme on the page, as VS Code does. */
  setTheme(kind: string): Promise<void>;
  /** What the page stored last. */
  stored(): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * Opens the page as a webview of VS Code: its variables on the root element, its kind on the body, and
 * `acquireVsCodeApi`. Messages pass through `pipe.ts`.
 */
export async function openInspector(browser: Browser, options: OpenOptions): Promise<InspectorPage> {
  const { origin, runs, target, theme = 'vscode-dark', width = 1400, height = 900, state } = options;
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion: options.reducedMotion ?? 'no-preference' });
  const { page, transport } = await openPiped(context, origin);
  const complaints: string[] = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`));

  await page.addInitScript(shell, { variables: themes[theme] ?? {}, kind: theme, state: state === undefined ? null : JSON.stringify(state) });
  const calls: string[] = [];
  const note = (call: string) => async (): Promise<void> => void calls.push(call);
  const workbench: InspectorWorkbench = { readSpec: async () => options.specText, train: note('train'), openSpec: note('openSpec'), showLog: note('showLog'), previewFix: async (_, { title }) => void calls.push(`previewFix ${title}`), tryFix: async (_, __, { title }) => void calls.push(`tryFix ${title}`) };
  const session = new InspectorSession(target, runs, workbench, transport);
  await page.goto(origin);

  return {
    page,
    session,
    complaints,
    workbench: { calls },
    setTheme: (kind) => page.evaluate(([name, variables]) => (window as unknown as { applyTheme(kind: string, variables: object): void }).applyTheme(name as string, variables as object), [kind, themes[kind] ?? {}]),
    stored: () => page.evaluate(() => JSON.parse(sessionStorage.getItem('state') ?? 'null') as unknown),
    async close() {
      session.dispose();
      await context.close();
    },
  };
}

/** Runs in the page before its own script; stands in for what VS Code puts round a webview. */
export function shell({ variables, kind, state }: { variables: Readonly<Record<string, string>>; kind: string; state: string | null }): void {
  const host = window as unknown as { sendToHost(text: string): void };
  const applyTheme = (name: string, values: Readonly<Record<string, string>>): void => {
    document.body.className = name === 'vscode-high-contrast-light' ? 'vscode-high-contrast vscode-high-contrast-light' : name;
    document.body.dataset['vscodeThemeKind'] = name;
    document.documentElement.removeAttribute('style');
    for (const [variable, value] of Object.entries(values)) document.documentElement.style.setProperty(variable, value);
  };
  if (state !== null && sessionStorage.getItem('state') === null) sessionStorage.setItem('state', state);
  const violations: string[] = [];
  document.addEventListener('securitypolicyviolation', (event) => violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile ?? ''}`));
  Object.assign(window, {
    violations,
    applyTheme,
    acquireVsCodeApi: () => ({
      postMessage: (message: unknown) => host.sendToHost(JSON.stringify(message)),
      getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') as unknown,
      setState: (value: unknown) => sessionStorage.setItem('state', JSON.stringify(value)),
    }),
  });
  const ready = new MutationObserver(() => {
    if (!document.body) return;
    ready.disconnect();
    applyTheme(kind, variables);
  });
  ready.observe(document, { childList: true, subtree: true });
}
