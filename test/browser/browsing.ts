import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launchChromium } from './chromium';
import { servePage } from './inspectorPage';

/** A browser, and the origin that serves it the Inspector's page, for the tests of one file; both are there once the tests run. */
export function browsing(): { readonly browser: Browser; readonly origin: string } {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof servePage>>;
  beforeAll(async () => {
    [browser, server] = await Promise.all([launchChromium(), servePage()]);
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });
  return {
    get browser() {
      return browser;
    },
    get origin() {
      return server.origin;
    },
  };
}
