import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** What the runner outside reads: VS Code itself only knows an exit code. */
export interface HostResults {
  readonly passed: number;
  readonly failed: number;
}

/** Runs the suite in the extension host; VS Code calls this and exits when it settles. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', reporter: 'spec', color: false, timeout: 180_000 });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  await import('./workers'); // before the extension starts its first
  await import('./activation.test');
  await import('./language.test');
  await import('./editing.test');
  await import('./training.test');
  await import('./generate.test');
  await import('./compare.test');
  await import('./diagnose.test');
  await import('./turbo.test');

  const results = await new Promise<HostResults>((resolve) => {
    const runner = mocha.run(() => resolve({ passed: runner.stats?.passes ?? 0, failed: runner.stats?.failures ?? 0 }));
  });
  const file = process.env['UNROLL_HOST_RESULTS'];
  if (file !== undefined) writeFileSync(file, JSON.stringify(results));
  if (results.failed > 0 || results.passed === 0) throw new Error(`${results.failed} failed`);
}
