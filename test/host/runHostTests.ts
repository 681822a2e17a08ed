// Runs the suite of test/host/suite in a real VS Code: the desktop program where it can be had, else the one that npm carries.
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { root } from './root';
import { makeWorkspace } from './workspace';

/** A desktop VS Code to test in, when `UNROLL_VSCODE` names one; else the launcher that stands in for it. */
function executable(): string {
  const named = process.env['UNROLL_VSCODE'];
  return named !== undefined && existsSync(named) ? named : join(__dirname, process.platform === 'win32' ? 'code.cmd' : 'code.js');
}

async function main(): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'unroll-host-'));
  try {
    const results = process.env['UNROLL_HOST_RESULTS'] ?? join(scratch, 'results.json');
    const folder = await makeWorkspace(join(scratch, 'workspace'));
    await runTests({
      vscodeExecutablePath: executable(),
      extensionDevelopmentPath: root,
      extensionTestsPath: join(__dirname, 'suite'),
      launchArgs: [folder, `--user-data-dir=${join(scratch, 'user-data')}`, `--extensions-dir=${join(scratch, 'extensions')}`],
      extensionTestsEnv: { UNROLL_HOST_RESULTS: results },
    });
    await readFile(results); // a run that reported nothing ran nothing
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
