import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** What the runner outside reads: VS Code itself only knows an exit code. */
export interface HostResults {
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly NamedTest[];
  /** Those that passed at the second attempt, with what the first one said. */
  readonly unsteady: readonly NamedTest[];
}

interface NamedTest {
  readonly name: string;
  readonly message: string;
}

/** Runs the suite in the extension host; VS Code calls this and exits when it settles. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', reporter: 'spec', color: false, timeout: 180_000, retries: 1 });
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
    const failures: NamedTest[] = [];
    const attempts: NamedTest[] = [];
    const named = (test: Mocha.Test, { message, stack = message }: Error): NamedTest => ({ name: test.fullTitle(), message: stack });
    const runner = mocha.run(() => {
      const unsteady = attempts.filter(({ name }) => failures.every((failure) => failure.name !== name));
      resolve({ passed: runner.stats?.passes ?? 0, failed: runner.stats?.failures ?? 0, failures, unsteady });
    });
    runner.on('fail', (test, error) => failures.push(named(test, error)));
    runner.on('retry', (test: Mocha.Test, error: Error) => attempts.push(named(test, error)));
  });
  const file = process.env['UNROLL_HOST_RESULTS'];
  if (file !== undefined) writeFileSync(file, JSON.stringify(results));
  if (results.failed > 0 || results.passed === 0) throw new Error(`${results.failed} failed`);
}
