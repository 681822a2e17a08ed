// Generates media/rnn.schema.json from the zod schema in src/spec/schema.ts.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const target = `${root}/media/rnn.schema.json`;

/** The schema module, bundled in memory: Node cannot import TypeScript itself. */
async function schemaModule() {
  const { outputFiles } = await esbuild.build({ absWorkingDir: root, entryPoints: ['src/spec/jsonSchema.ts'], bundle: true, write: false, format: 'esm', platform: 'node', logLevel: 'warning' });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

export async function build() {
  const { jsonSchemaText } = await schemaModule();
  const text = jsonSchemaText();
  // An unchanged file keeps its time, so that a build does not look like an edit.
  if (text !== (await readFile(target, 'utf8').catch(() => ''))) await writeFile(target, text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
