import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureEmbeddedCode } from '../../host/launcher/install';
import { startServer } from '../../host/launcher/server';
import { runTestsInWorkbench } from '../../host/launcher/testRun';
import { root } from '../../host/root';
import type { InsideAnswer, InsideRequest } from '../programs/insideCode';
import { programPath } from './contenders';

const mostMilliseconds = 300_000;

/** Runs `programs/insideCode.ts` in the VS Code that npm carries, on a spec and its text. Throws an Error when the extension cannot be built. */
export async function measureInsideCode(spec: object, text: string, work: Omit<InsideRequest, 'answer' | 'spec'>): Promise<InsideAnswer> {
  const { status, stderr } = spawnSync(process.execPath, ['src/build/build.mjs'], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the extension cannot be built: ${stderr.split('\n').find((line) => /error/i.test(line)) ?? ''}`);
  const scratch = await mkdtemp(join(tmpdir(), 'unroll-bench-'));
  const folder = join(scratch, 'whale');
  const request: InsideRequest = { ...work, answer: join(scratch, 'answer.json'), spec: 'bench.rnn.json' };
  try {
    await cp(text, join(folder, 'text.txt'));
    await writeFile(join(folder, request.spec), JSON.stringify(spec));
    const embedded = await ensureEmbeddedCode(join(root, '.cache'), console.error);
    const server = await startServer(embedded, { userDataDir: join(scratch, 'user-data'), extensionsDir: join(scratch, 'extensions'), env: { UNROLL_BENCH: JSON.stringify(request) } });
    try {
      await runTestsInWorkbench(server, { folder, developmentPath: root, testsPath: programPath('insideCode').replace(/\.js$/, ''), print: () => undefined, timeout: mostMilliseconds });
    } finally {
      await server.end();
    }
    return JSON.parse(await readFile(request.answer, 'utf8')) as InsideAnswer;
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}
