// What every template reaches, and how long it takes: `npm run bench:templates -- [ID…] [--seeds 1,2,3] [--until reached]`.
//
// Trains the templates one after the other, as they stand but for the seed, on one thread. Prints a row for each
// training; the exit status is 1 when one does not reach what New Model says of it.
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { build } from '../../src/build/kernels.mjs';
import { build as buildTemplates } from '../../src/build/templates.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bundle = `${root}/.cache/bench/templates.mjs`;

await build();
await buildTemplates();
await esbuild.build({ absWorkingDir: root, entryPoints: ['test/bench/templates.ts'], outfile: bundle, bundle: true, platform: 'node', target: 'node20', format: 'esm', mainFields: ['module', 'main'], logLevel: 'warning' });
const { main } = await import(bundle);
if (!(await main(`${root}/media/templates/`, process.argv.slice(2)))) process.exitCode = 1;
