// Bundles the pages and a program of test/browser that looks at them, and runs it: `node src/build/browserProgram.mjs NAME [arguments]`.
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { buildPages } from './bundles.mjs';
import { run } from './install.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [name, ...args] = process.argv.slice(2);
await buildPages();
await esbuild.build({ absWorkingDir: root, entryPoints: [`test/browser/${name}.ts`], outfile: `dist/test/${name}.js`, bundle: true, platform: 'node', target: 'node20', format: 'cjs', external: ['playwright-core', 'esbuild'], mainFields: ['module', 'main'], logLevel: 'warning' });
await run(process.execPath, [`dist/test/${name}.js`, ...args]);
