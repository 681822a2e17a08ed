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

/** Default colour themes of VS Code: what the picker calls each, the file that its class name speaks of, and the class of a webview's body. */
export const colorThemes = {
  dark: { label: 'Dark Modern', file: 'dark_modern', webview: 'vscode-dark' },
  light: { label: 'Light Modern', file: 'light_modern', webview: 'vscode-light' },
  'contrast-dark': { label: 'Dark High Contrast', file: 'hc_black', webview: 'vscode-high-contrast' },
  'contrast-light': { label: 'Light High Contrast', file: 'hc_light', webview: 'vscode-high-contrast-light' },
} as const;

/** Name of one of `colorThemes`. */
export type ColorTheme = keyof typeof colorThemes;

const attempts = 4;

/** Milliseconds that a step may take on a slow machine. */
const stepTimeout = 90_000;

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
    page.setDefaultTimeout(stepTimeout);
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
    await this.#pick('F1', `>${title}`, title);
  }

  /** Presses the key that opens the quick pick, types and takes the first row with this label. A webview that is loading may swallow the key, or take the focus and so close the list: then again. */
  async #pick(key: string, typed: string, label: string): Promise<void> {
    const input = this.quickInput.locator('input[type="text"]').first();
    const timeout = 8_000;
    for (let attempt = 1; ; attempt++) {
      try {
        if (!(await input.isVisible())) await this.page.keyboard.press(key);
        await input.fill(typed, { timeout });
        await this.quickInput.locator('.monaco-list-row').filter({ hasText: label }).first().click({ timeout });
        return;
      } catch (error) {
        if (attempt === attempts) throw error;
        await this.page.keyboard.press('Escape'); // another list may be open
      }
    }
  }

  /**
   * Chooses a colour theme from the picker and settles when the workbench and its webviews wear it; throws when they do not.
   * The setting will not do: the workbench may read it before its themes are registered, and then keeps the default.
   */
  async colorTheme(theme: ColorTheme): Promise<void> {
    const { label, file, webview } = colorThemes[theme];
    await this.page.locator('.monaco-workbench[class*="vscode-theme-"]').waitFor(); // the themes are registered
    const worn = this.page.locator(`.monaco-workbench[class*="-themes-${file}-json"]`);
    for (let attempt = 0; attempt < attempts && !(await worn.isVisible()); attempt++) {
      await this.command('Preferences: Color Theme');
      const timeout = 8_000;
      await this.quickInput.getByPlaceholder(/Color Theme/).fill(label, { timeout }).catch(() => undefined);
      await this.quickInput.locator('.monaco-list-row').filter({ hasText: label }).first().click({ timeout }).catch(() => undefined);
      await worn.waitFor({ timeout: 8_000 }).catch(() => undefined);
    }
    if (!(await worn.isVisible())) throw new Error(`VS Code did not take the theme ${label}.`);
    for (const frame of this.page.frames()) {
      const isWebview = (await frame.locator('body[class*="vscode-"]').count().catch(() => 0)) > 0;
      if (isWebview) await frame.locator(`body.${webview}`).waitFor();
    }
  }

  /** Opens a file by its name with Go to File. */
  async openFile(name: string): Promise<void> {
    await this.#pick('ControlOrMeta+p', name, name);
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

  /** Clicks a lens until what it does has begun: VS Code loses a click on a lens that it is just drawing anew. */
  async press(lens: string | RegExp, begun: () => Promise<boolean>): Promise<void> {
    await this.lens(lens).waitFor();
    for (const end = Date.now() + stepTimeout; Date.now() < end; ) {
      // It may be gone, because what it does has begun a moment ago.
      await this.lens(lens).click({ timeout: 5_000 }).catch(() => undefined);
      for (const next = Date.now() + 5_000; Date.now() < next; await this.page.waitForTimeout(200)) if (await begun()) return;
    }
    throw new Error(`Nothing came of clicking the lens "${lens}" for ${stepTimeout / 1000} s.`);
  }

  /** Presses the lens that opens the Inspector and waits for the panel. */
  async inspect(): Promise<void> {
    await this.press('Inspect', () => this.page.getByRole('tab', { name: /^Inspector/ }).first().isVisible());
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
  async webview(selector: string, timeout = stepTimeout): Promise<Frame> {
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
