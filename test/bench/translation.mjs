// Phoneme error rate of the template spelling → pronunciation: `node test/bench/translation.mjs [--seconds 120] [--words N] [--beam 4]`.
//
// Trains the template as it stands, for at most so many seconds, and translates held-out spellings, none of which
// was ever read, greedily and with a beam. The error rate is the edit distance to the pronunciation that is
// nearest among those listed, over its length. Prints one JSON object; the exit status is 1 when either rate is
// 30 % or more, or the beam does not do better than the greedy search.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { build } from '../../src/build/kernels.mjs';
import { build as buildTemplates } from '../../src/build/templates.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const cache = `${here}../../.cache/bench`;

await build();
if (!existsSync(`${here}../../media/templates/data/spelling.tsv`)) await buildTemplates();
await esbuild.build({
  entryPoints: { translation: `${here}translation.ts` },
  outdir: cache,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  mainFields: ['module', 'main'],
  logLevel: 'warning',
});
const { measure } = await import(`${cache}/translation.mjs`);
const result = await measure(`${here}../../media/templates`, process.argv.slice(2));
console.log(JSON.stringify(result));
const { greedy, beam } = result;
if (!(greedy.tokenErrorRate < 0.3 && beam.tokenErrorRate < greedy.tokenErrorRate)) process.exitCode = 1;
