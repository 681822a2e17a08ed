// A program that takes VS Code's own arguments and runs them in the VS Code that npm carries.
// `runTests` of @vscode/test-electron starts it in place of the desktop program.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../root';
import { parseCodeArguments } from './arguments';
import { ensureEmbeddedCode } from './install';
import { installExtension, startServer, type ServerOptions } from './server';
import { runTestsInWorkbench } from './testRun';

const testTimeout = 600_000;

async function main(): Promise<number> {
  const asked = parseCodeArguments(process.argv.slice(2));
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const embedded = await ensureEmbeddedCode(join(root, '.cache'), print);
  const scratch = await mkdtemp(join(tmpdir(), 'unroll-code-'));
  const options: ServerOptions = {
    userDataDir: asked.userDataDir ?? join(scratch, 'user-data'),
    extensionsDir: asked.extensionsDir ?? join(scratch, 'extensions'),
    trust: asked.trust,
  };
  try {
    if (asked.installExtension !== undefined) {
      await installExtension(embedded, options, asked.installExtension);
      return 0;
    }
    if (asked.developmentPath === undefined || asked.testsPath === undefined) throw new Error('This program needs --extensionDevelopmentPath and --extensionTestsPath, or --install-extension.');
    const server = await startServer(embedded, options);
    const stop = (): void => void server.end().finally(() => process.exit(130));
    process.once('SIGINT', stop).once('SIGTERM', stop);
    try {
      return await runTestsInWorkbench(server, { folder: asked.folder, developmentPath: asked.developmentPath, testsPath: asked.testsPath, print, timeout: testTimeout });
    } finally {
      await server.end();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
