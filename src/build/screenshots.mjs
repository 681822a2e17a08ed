// `npm run screenshots -- [SCENE…] [THEME…] [WIDTH…] [--out FOLDER]`: builds, then takes pictures of the real extension.
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { run } from './install.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
await run(process.execPath, ['src/build/build.mjs']);
await esbuild.build({ absWorkingDir: root, entryPoints: ['test/host/pictures/screenshots.ts'], outfile: 'dist/test/screenshots.js', bundle: true, platform: 'node', target: 'node20', format: 'cjs', external: ['playwright-core'] });
await run(process.execPath, ['dist/test/screenshots.js', ...process.argv.slice(2)]);
