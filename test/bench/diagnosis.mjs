// How often the diagnosis is right where the cause is known: `npm run bench:diagnosis -- [--part tuning|set-aside|second|third|fourth|all]
// [--kinds TEXT] [--seeds N] [--out FILE] [--minutes N] [--train] [--prognosis] [--verbose]`; see main.ts.
// Trained nets are kept in .cache/diagnosis.
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { build } from '../../src/build/kernels.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bundle = `${root}.cache/bench/diagnosis.mjs`;
await build();
await esbuild.build({ entryPoints: [`${root}test/bench/diagnosis/main.ts`], outfile: bundle, bundle: true, platform: 'node', target: 'node20', format: 'esm', mainFields: ['module', 'main'], logLevel: 'warning' });
const { main } = await import(bundle);
await main(process.argv.slice(2), `${root}.cache/diagnosis`);
