// Bundles the engine's worker, and turbo's process, in parts: they start with what a training needs and read the rest when they are asked for it.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What the parts are called, before their hash. */
const part = 'enginePart';

/**
 * Writes engineWorker.js, engineProcess.js and their parts into `outdir`, and removes those of earlier builds. esbuild splits ES modules
 * only; as CommonJS, which each part becomes afterwards, they start several milliseconds sooner.
 */
export async function build({ outdir, minify, sourcemap }) {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: { engineWorker: 'src/engineHost/worker.ts', engineProcess: 'src/engineHost/engineProcess.ts' },
    outdir,
    chunkNames: `${part}-[hash]`,
    bundle: true,
    splitting: true,
    write: false,
    minify,
    sourcemap: sourcemap && 'inline',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    mainFields: ['module', 'main'],
    logLevel: 'warning',
  });
  await mkdir(join(root, outdir), { recursive: true });
  const written = await Promise.all(outputFiles.map(async ({ path, text }) => {
    const { code, map } = await esbuild.transform(text, { sourcefile: basename(path), sourcemap, minify, platform: 'node', target: 'node20', format: 'cjs', supported: { 'dynamic-import': false } });
    await writeFile(path, sourcemap ? `${code}//# sourceMappingURL=${basename(path)}.map\n` : code);
    if (sourcemap) await writeFile(`${path}.map`, map);
    return basename(path);
  }));
  const stale = (await readdir(dirname(outputFiles[0].path))).filter((name) => name.startsWith(part) && !written.includes(name.replace(/\.map$/, '')));
  await Promise.all(stale.map((name) => rm(join(root, outdir, name), { force: true })));
}
