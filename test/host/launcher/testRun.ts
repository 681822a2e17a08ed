import { format } from 'node:util';
import { launchChromium } from '../../browser/chromium';
import type { CodeServer } from './server';

/** What the workbench itself says while it starts. */
const chatter = /^(Resolv|Creating a socket|Ignoring fetching|Updating additional|Timed out waiting for authentication|\[)/;

/** What a test run in the extension host needs to know. */
export interface TestRun {
  readonly folder: string | undefined;
  readonly developmentPath: string;
  /** Module whose `run()` is the suite. */
  readonly testsPath: string;
  readonly print: (line: string) => void;
  /** Milliseconds after which the run counts as hung. */
  readonly timeout: number;
}

/** Opens the workbench in a headless browser, lets it run the tests, and settles with their exit code. */
export async function runTestsInWorkbench(server: CodeServer, run: TestRun): Promise<number> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const ended = new Promise<number>((resolve, reject) => {
      void page.exposeFunction('codeAutomationExit', (code: number) => resolve(code));
      const timer = setTimeout(() => reject(new Error(`The tests did not end within ${run.timeout / 1000} s.`)), run.timeout);
      timer.unref();
      page.once('crash', () => reject(new Error('The workbench page crashed.')));
    });
    await page.exposeFunction('codeAutomationLog', (_type: string, args: readonly unknown[]) => {
      const line = format(...args);
      if (!chatter.test(line)) run.print(line);
    });
    await page.goto(
      server.address(run.folder ?? '/', [
        ['extensionDevelopmentPath', server.remote(run.developmentPath)],
        ['extensionTestsPath', server.remote(run.testsPath)],
      ]),
    );
    return await ended;
  } finally {
    await browser.close();
  }
}
