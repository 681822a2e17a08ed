// The adding problem, cell by cell, beside PyTorch's numbers: `npm run bench:adding -- [--seeds 1,2,3] [--lengths 50,100] [--cells gru,lstm,rnn]`.
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { build } from '../../src/build/kernels.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bundle = `${root}/.cache/bench/adding.mjs`;

await build();
await esbuild.build({ absWorkingDir: root, entryPoints: ['test/bench/adding.ts'], outfile: bundle, bundle: true, platform: 'node', target: 'node20', format: 'esm', mainFields: ['module', 'main'], logLevel: 'warning' });
const { main } = await import(bundle);
if (!main(process.argv.slice(2))) process.exitCode = 1;
