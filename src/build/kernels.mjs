// Compiles the AssemblyScript kernels to WebAssembly, with relaxed SIMD (fused multiply-add), also in pairs, and
// without, each for one thread and for several on shared memory, into one module that the bundles and tests import.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sources = `${root}/src/engine/kernels`;
const target = `${root}/src/engine/wasm/binaries.generated.ts`;
/** What tells one build from another, apart from the builds: whoever asks for it need not read them. */
const fingerprintTarget = `${root}/src/engine/wasm/fingerprint.generated.ts`;

const common = ['index.ts', '-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--initialMemory', '1', '--maximumMemory', '65536', '--enable', 'simd', '--use', 'abort='];
const relaxed = ['--enable', 'relaxed-simd'];
const threads = ['--enable', 'threads', '--sharedMemory'];
const variants = {
  wide: { flags: relaxed, pairs: true },
  fused: { flags: relaxed, pairs: false },
  plain: { flags: [], pairs: false },
};

/** Compiles unless the sources, the compiler and this file are those of the last time. */
export async function build() {
  const stamp = await fingerprint();
  const fresh = await Promise.all([target, fingerprintTarget].map(async (file) => existsSync(file) && (await readFile(file, 'utf8')).includes(stamp)));
  if (fresh.every(Boolean)) return;
  const line = async (name, flags, pairs) => `export const ${name} = '${(await compile(flags, pairs)).toString('base64')}';`;
  const lines = await Promise.all(Object.entries(variants).flatMap(([name, { flags, pairs }]) => [line(name, flags, pairs), line(`${name}Shared`, [...flags, ...threads], pairs)]));
  const head = `// Made by src/build/kernels.mjs from src/engine/kernels: ${stamp}\n`;
  await replace(target, `${head}${lines.join('\n')}\n`);
  await replace(fingerprintTarget, `${head}export const fingerprint = '${stamp}';\n`);
}

/** Several suites may build at once: each writes its own file and moves it into place. */
async function replace(file, text) {
  const own = `${file}.${process.pid}`;
  await writeFile(own, text);
  await rename(own, file);
}

/** Under this name it is also a global setup of vitest. */
export const setup = build;

async function compile(flags, pairs) {
  const { default: asc } = await import('assemblyscript/asc');
  let binary;
  const { error, stderr } = await asc.main([...common, ...flags, '--outFile', 'kernels.wasm'], {
    readFile: async (name, base) => {
      const text = await readFile(`${base.startsWith('/') ? base : `${sources}/${base}`}/${name}`, 'utf8').catch(() => null);
      return name === 'pairs.ts' ? text.replace('PAIRS: bool = false', `PAIRS: bool = ${pairs}`) : text;
    },
    writeFile: (_name, contents) => void (binary = Buffer.from(contents)),
    listFiles: () => [],
  });
  if (error || !binary) throw new Error(`the kernels do not compile:\n${stderr.toString()}`);
  return binary;
}

async function fingerprint() {
  const hash = createHash('sha256');
  const files = (await readdir(sources, { recursive: true })).filter((name) => name.endsWith('.ts')).sort();
  for (const file of [...files.map((name) => `${sources}/${name}`), fileURLToPath(import.meta.url), `${root}/node_modules/assemblyscript/package.json`]) {
    hash.update(await readFile(file));
  }
  return hash.digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
