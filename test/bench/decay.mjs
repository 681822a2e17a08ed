// How gradients decay at initialisation, beside PyTorch's numbers: `npm run bench:decay`.
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { build } from '../../src/build/kernels.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const bundle = `${here}../../.cache/bench/decay.mjs`;
await build();
await esbuild.build({ entryPoints: [`${here}decay.ts`], outfile: bundle, bundle: true, platform: 'node', target: 'node20', format: 'esm', mainFields: ['module', 'main'], logLevel: 'warning' });
await import(bundle);
