// Builds everything into dist/: wasm kernels, the JSON schema, templates, and the bundles.
// Each part is a module of its own with one exported async function; run one alone with `node src/build/<part>.mjs`.
import { existsSync } from 'node:fs';

const parts = ['kernels', 'schema', 'templates', 'bundles'];
for (const part of parts) {
  const url = new URL(`./${part}.mjs`, import.meta.url);
  if (existsSync(url)) await (await import(url)).build();
}
