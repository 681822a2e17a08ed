// Speed, memory and latency of the engine: `npm run bench -- [TABLE…] [--quick] [--limit] [--json FILE]`.
//
// Every table has a column for its goal; main.ts lists them. Contenders are measured in turn, each in several fresh
// processes, and medians count. PyTorch is that of python3, or of the interpreter that UNROLL_PYTHON names.
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { build } from '../../src/build/kernels.mjs';
import { build as buildTemplates } from '../../src/build/templates.mjs';
import { build as buildEngine } from '../../src/build/engine.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const programs = readdirSync(`${root}/test/bench/programs`).filter((file) => file.endsWith('.ts'));

await build();
if (!existsSync(`${root}/media/templates/data/moby-dick.txt`)) await buildTemplates();
const common = { absWorkingDir: root, outdir: '.cache/bench', entryNames: '[name]', bundle: true, platform: 'node', target: 'node20', format: 'cjs', mainFields: ['module', 'main'], external: ['vscode', 'playwright-core'], logLevel: 'warning' };
await esbuild.build({ ...common, entryPoints: ['test/bench/main.ts', ...programs.map((file) => `test/bench/programs/${file}`)] });
// Minified, as the package holds it.
await esbuild.build({ ...common, entryPoints: { engineHelper: 'src/engineHost/helper.ts' }, minify: true });
await buildEngine({ outdir: common.outdir, minify: true, sourcemap: false });
const { main } = await import(`${root}/.cache/bench/main.js`);
await main(process.argv.slice(2)).catch((error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
