// Bundles the extension, the engine, the command line and the webviews with esbuild.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { build as buildEngine } from './engine.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Only entries whose source exists, so that a part can be built before its neighbours are written. */
const present = (entries) => Object.fromEntries(Object.entries(entries).filter(([, source]) => existsSync(`${root}/${source}`)));

const common = { absWorkingDir: root, bundle: true, outdir: 'dist', sourcemap: true, logLevel: 'warning', minify: process.argv.includes('--minify') };

export async function build() {
  await Promise.all([
    esbuild.build({
      ...common,
      entryPoints: present({ extension: 'src/extension.ts', cli: 'src/cli.ts', engineHelper: 'src/engineHost/helper.ts' }),
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      external: ['vscode'],
      mainFields: ['module', 'main'], // jsonc-parser's UMD main does not survive bundling
    }),
    buildEngine(common),
    buildPages(),
  ]);
}

/** The webviews alone, for those who look at nothing else. */
export function buildPages() {
  return esbuild.build({
    ...common,
    entryPoints: present({ inspector: 'webview/inspector/main.ts', inspectorStyle: 'webview/inspector/style.css', comparison: 'webview/compare/main.ts', comparisonStyle: 'webview/compare/style.css', live: 'webview/live/main.ts', liveStyle: 'webview/live/style.css' }),
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    loader: { '.ttf': 'file' },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
