import { defineConfig } from 'vitest/config';

/** What a browser or an editor shows can be disturbed from outside: one more attempt, which the runner reports. */
const watched = { retry: 1 };

/**
 * One project a suite; `--project NAME` runs one. All but `unit` need what `npm run build` makes.
 * The suite inside VS Code is mocha's (`test/host/suite`), because it runs in the extension host.
 */
export default defineConfig({
  test: {
    globalSetup: 'src/build/kernels.mjs',
    // Machines differ in speed: what a test waits for may take long.
    expect: { poll: { timeout: 30_000 } },
    projects: [
      project('unit', ['test/unit/**/*.test.ts', 'test/golden/**/*.test.ts'], { exclude: ['test/unit/cli/**'], setupFiles: ['test/turns.ts'], testTimeout: 60_000 }),
      project('cli', ['test/unit/cli/**/*.test.ts'], { testTimeout: 60_000 }),
      project('package', ['test/package/**/*.test.ts'], { testTimeout: 120_000, hookTimeout: 300_000 }),
      project('browser', ['test/browser/**/*.test.ts'], { ...watched, testTimeout: 120_000, hookTimeout: 120_000 }),
      // They take what the suites beside them leave of the processors.
      project('quality', ['test/quality/**/*.test.ts'], { testTimeout: 600_000 }),
      project('workbench', ['test/host/e2e/**/*.test.ts'], { ...watched, testTimeout: 300_000, hookTimeout: 300_000, fileParallelism: false }),
    ],
  },
});

interface Limits {
  readonly retry?: number;
  readonly exclude?: string[];
  readonly setupFiles?: string[];
  readonly testTimeout?: number;
  readonly hookTimeout?: number;
  readonly fileParallelism?: boolean;
}

function project(name: string, include: string[], limits: Limits = {}): { extends: true; root: string; test: object } {
  return { extends: true, root: '.', test: { name, include, ...limits } };
}
