import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Frame, Locator, Page } from 'playwright-core';
import { launchChromium } from '../../browser/chromium';
import { ensureEmbeddedCode } from '../launcher/install';
import { installExtension, startServer, type CodeServer, type ServerOptions } from '../launcher/server';
import { root } from '../root';

/** How a workbench is opened. */
export interface WorkbenchOptions {
  readonly folder: string;
  /** The `.vsix` to install, or the project itself in development. */
  readonly extension: { readonly vsix: string } | 'development';
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly trust?: ServerOptions['trust'];
}

/** A real VS Code in a real browser, driven as a person drives it. */
export class Workbench {
  /** What the page and its webviews wrote to the console, as `type: text`. */
  readonly console: string[] = [];

  private constructor(
    readonly page: Page,
    /** Where extensions are installed. */
    readonly extensionsDir: string,
    private readonly browser: Browser,
    private readonly server: CodeServer,
    private readonly scratch: string,
  ) {
    page.on('console', (message) => this.console.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => this.console.push(`pageerror: ${error.message}`));
  }

  /** Starts a VS Code with Unroll on this folder; the caller closes it. */
  static async open({ folder, extension, settings, viewport = { width: 1600, height: 1000 }, trust }: WorkbenchOptions): Promise<Workbench> {
    const embedded = await ensureEmbeddedCode(join(root, '.cache'), console.log);
    const scratch = await mkdtemp(join(tmpdir(), 'unroll-workbench-'));
    const options: ServerOptions = { userDataDir: join(scratch, 'user-data'), extensionsDir: join(scratch, 'extensions'), settings, trust };
    const isPackaged = extension !== 'development';
    if (isPackaged) await installExtension(embedded, options, extension.vsix);
    const server = await startServer(embedded, options);
    const browser = await launchChromium();
    const page = await browser.newPage({ viewport });
    const workbench = new Workbench(page, options.extensionsDir, browser, server, scratch);
    await page.goto(server.address(folder, isPackaged ? [] : [['extensionDevelopmentPath', server.remote(root)]]));
    await page.locator('.monaco-workbench .part.statusbar').waitFor();
    return workbench;
  }

  /** Messages of the console that name a violated content security policy. */
  get policyViolations(): readonly string[] {
    return this.console.filter((line) => /content security policy|refused to (load|apply|execute|connect|create|frame)/i.test(line));
  }

  /** Runs a command from the command palette, by its title. */
  async command(title: string): Promise<void> {
    const input = this.quickInput.locator('input[type="text"]').first();
    for (let attempt = 0; attempt < 5 && !(await input.isVisible()); attempt++) {
      await this.page.keyboard.press('F1'); // a webview that has the focus may still be loading, and swallow it
      await input.waitFor({ timeout: 8_000 }).catch(() => undefined);
    }
    await input.fill(`>${title}`);
    await this.quickInput.locator('.monaco-list-row').filter({ hasText: title }).first().click();
  }

  /** Opens a file by its name with Go to File. */
  async openFile(name: string): Promise<void> {
    await this.page.keyboard.press('ControlOrMeta+p');
    await this.quickInput.locator('input[type="text"]').first().fill(name);
    await this.quickInput.locator('.monaco-list-row').filter({ hasText: name }).first().click();
    await this.page.locator('.tab.active').filter({ hasText: name }).waitFor();
  }

  /** The quick pick or input box. */
  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget');
  }

  /** A code lens; one without a command is plain text. */
  lens(text: string | RegExp): Locator {
    return this.page.locator('.codelens-decoration :is(a, span)').filter({ hasText: text }).first();
  }

  /** Toasts and the notification centre. */
  get notifications(): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item');
  }

  /** Clears what lies over the editors. */
  async clearNotifications(): Promise<void> {
    await this.command('Notifications: Clear All Notifications');
  }

  /** The webview that holds an element matching `selector`; waits for it. */
  async webview(selector: string, timeout = 60_000): Promise<Frame> {
    const deadline = Date.now() + timeout;
    while (Date.now() < deadline) {
      for (const frame of this.page.frames()) {
        if ((await frame.locator(selector).count().catch(() => 0)) > 0) return frame;
      }
      await this.page.waitForTimeout(200);
    }
    throw new Error(`No webview shows ${selector} after ${timeout / 1000} s.`);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.end();
    await rm(this.scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}
