import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import type { Transport } from '../../src/shared/rpc';
import { contentSecurityPolicy, panelHtml, type PageName } from '../../src/views/panelHtml';
import { shell } from './inspectorPage';
import { openPiped, servePipe } from './pipe';
import { themes } from './themes';

/** A bundled page in a browser, as a webview of VS Code under the policy that it ships. */
export interface WebviewPage<Session> {
  readonly page: Page;
  readonly session: Session;
  /** Everything the browser complained about. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** Opens a page; `serve` connects the session that the extension uses. */
export async function openWebview<Session extends { dispose(): void }>(browser: Browser, name: PageName, serve: (transport: Transport) => Session, { theme = 'vscode-dark', width = 1100, height = 950 } = {}): Promise<WebviewPage<Session>> {
  const bundles: Record<string, string> = { [`/${name}.js`]: 'text/javascript', [`/${name}Style.css`]: 'text/css' };
  const server = createServer((request, response) => {
    const url = request.url ?? '/';
    const type = bundles[url];
    if (type !== undefined) return void readFile(`dist${url}`).then((file) => response.writeHead(200, { 'content-type': type }).end(file));
    if (servePipe(url, response) === 'answered') return;
    const nonce = randomBytes(16).toString('base64');
    const headers = { 'content-type': 'text/html', 'content-security-policy': contentSecurityPolicy({ cspSource: origin, nonce }) };
    return void response.writeHead(url === '/' ? 200 : 404, headers).end(panelHtml(name, { script: `/${name}.js`, style: `/${name}Style.css`, cspSource: origin, nonce }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const context = await browser.newContext({ viewport: { width, height } });
  const { page, transport } = await openPiped(context, origin);
  const complaints: string[] = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && !message.text().includes('favicon') && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.addInitScript(shell, { variables: themes[theme] ?? {}, kind: theme, state: null });
  const session = serve(transport);
  await page.goto(origin);
  return {
    page,
    session,
    complaints,
    async close() {
      session.dispose();
      await context.close();
      server.close();
    },
  };
}
