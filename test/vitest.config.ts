import { defineConfig } from 'vitest/config';

/** Unit and golden tests: plain Node, no VS Code and no browser. */
export default defineConfig({
  test: { root: '.', include: ['test/unit/**/*.test.ts', 'test/golden/**/*.test.ts'] },
});
