// Bundles what tests run outside vitest: the suite inside VS Code and the programs that start a VS Code without a desktop.
import { chmod } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

export async function build() {
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: { suite: 'test/host/suite/index.ts', code: 'test/host/launcher/code.ts', serve: 'test/host/launcher/serve.ts', prepare: 'test/host/launcher/prepare.ts', hostTests: 'test/host/runHostTests.ts' },
    outdir: 'dist/test',
    bundle: true,
    sourcemap: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['vscode', 'mocha', 'playwright-core', '@vscode/test-electron'],
    mainFields: ['module', 'main'],
    banner: { js: '#!/usr/bin/env node' },
    logLevel: 'warning',
  });
  await chmod(`${root}/dist/test/code.js`, 0o755);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
