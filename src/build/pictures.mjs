// `npm run screenshots:page`: bundles the pages and takes pictures of the Inspector's in a browser; parts of their names as arguments take only those.
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { buildPages } from './bundles.mjs';
import { run } from './install.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
await buildPages();
await esbuild.build({ absWorkingDir: root, entryPoints: ['test/browser/pictures.ts'], outfile: 'dist/test/pictures.js', bundle: true, platform: 'node', target: 'node20', format: 'cjs', external: ['playwright-core'], mainFields: ['module', 'main'], logLevel: 'warning' });
await run(process.execPath, ['dist/test/pictures.js', ...process.argv.slice(2)]);
