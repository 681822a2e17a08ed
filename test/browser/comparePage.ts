import type { Browser } from 'playwright-core';
import type { CompareTarget } from '../../src/shared/comparison';
import { CompareSession, type ComparedRuns } from '../../src/views/compareService';
import { openWebview, type WebviewPage } from './webviewPage';

/** A comparison in a browser, served by the session that the panel uses. */
export type ComparePage = WebviewPage<CompareSession>;

/** Opens the bundled page as a webview of VS Code. */
export async function openComparison(browser: Browser, runs: ComparedRuns, target: CompareTarget, theme?: string): Promise<ComparePage> {
  return openWebview(browser, 'comparison', (transport) => new CompareSession(target, runs, transport), theme === undefined ? {} : { theme });
}
