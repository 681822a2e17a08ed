import { fused, fusedShared, plain, plainShared, wide, wideShared } from './binaries.generated';
import { link, type Kernels } from './kernels';

/**
 * Which SIMD the kernels use: `fused` has one-instruction multiply-adds (relaxed SIMD), `plain` not. `wide` has them
 * too, in tiles for a V8 that joins two such operations into one of 256 bits; elsewhere it is slower than `fused`.
 */
export type KernelVariant = 'wide' | 'fused' | 'plain';

/** All variants. Those of one kind of multiply-add give the same bits. */
export const kernelVariants: readonly KernelVariant[] = ['wide', 'fused', 'plain'];

/** Whether a memory is one thread's or several threads'; each needs a build of its own. */
export type Sharing = 'own' | 'shared';

const binaries = { wide: { own: wide, shared: wideShared }, fused: { own: fused, shared: fusedShared }, plain: { own: plain, shared: plainShared } };
const modules = new Map<string, WebAssembly.Module>();
/** `tuned`: nothing is to be tried any more. */
let best: { readonly variant: KernelVariant | undefined; readonly tuned: boolean } | undefined;

/** The kernels, compiled. Throws a CompileError where the machine lacks their instructions. */
export function kernelModule(variant: KernelVariant, sharing: Sharing): WebAssembly.Module {
  const binary = binaries[variant][sharing];
  const known = modules.get(binary);
  if (known) return known;
  const module = new WebAssembly.Module(decode(binary));
  modules.set(binary, module);
  return module;
}

/** Node's own decoder, where there is one. */
const nodeBuffer = (globalThis as { readonly Buffer?: { from(text: string, encoding: 'base64'): Uint8Array<ArrayBuffer> } }).Buffer;

/** Else in a plain loop, because nothing is compiled yet when this runs: `Uint8Array.from` took 5 ms. */
function decode(base64: string): Uint8Array<ArrayBuffer> {
  if (nodeBuffer) return nodeBuffer.from(base64, 'base64');
  const letters = atob(base64);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

/** The kernels in a memory of one thread. */
export function instantiate(variant: KernelVariant, memory: WebAssembly.Memory): Kernels {
  return link(kernelModule(variant, 'own'), memory);
}

/** The best variant that this machine runs and that computes a known product rightly; undefined without SIMD. */
export function bestVariant(): KernelVariant | undefined {
  return (best ??= { variant: (['fused', 'plain'] as const).find((variant) => trial(variant)), tuned: false }).variant;
}

/** From now on this is the best variant, as another thread of this process has found. */
export function preferVariant(variant: KernelVariant): void {
  best = { variant, tuned: true };
}

/** Milliseconds without any gain after which V8 has optimized the kernels, and after which it does not matter. */
const [calm, patience] = [10, 100];

/**
 * The same, but tries whether `wide` is faster here, which takes about 25 ms. Only worth it under flags of V8 that
 * may make it so. The answer is `bestVariant`'s from then on.
 */
export function tunedVariant(): KernelVariant | undefined {
  const usual = bestVariant();
  if (usual !== 'fused' || best?.tuned) return usual;
  const [runWide, runFused] = [trial('wide'), trial('fused')];
  if (!runWide || !runFused) return usual;
  let [leastWide, leastFused] = [Infinity, Infinity];
  const start = performance.now();
  for (let [now, gained] = [start, start]; now - gained < calm && now - start < patience; now = performance.now()) {
    const [wideTime, fusedTime] = [timeOf(runWide), timeOf(runFused)];
    if (wideTime < 0.9 * leastWide || fusedTime < 0.9 * leastFused) gained = now;
    leastWide = Math.min(leastWide, wideTime);
    leastFused = Math.min(leastFused, fusedTime);
  }
  preferVariant(leastWide < leastFused ? 'wide' : 'fused');
  return bestVariant();
}

function timeOf(run: () => void): number {
  const start = performance.now();
  for (let i = 0; i < 8; i++) run();
  return performance.now() - start;
}

/** Rows, panels of A and panels of B of the product that is tried: they need every kind of tile. */
const [rows, kPanels, panels] = [45, 8, 7];

/**
 * What multiplies xuᵀ by vyᵀ, which every correct machine does exactly and whose product is known without computing it
 * in JavaScript; undefined where the variant does not run or is wrong.
 */
function trial(variant: KernelVariant): (() => void) | undefined {
  // First the build that an engine of several threads uses, so that only one is compiled.
  const tried = linked(variant, 'shared') ?? linked(variant, 'own');
  if (!tried) return undefined;
  const { kernels, memory } = tried;
  const a = Math.ceil(kernels.firstFree() / 64) * 64;
  const b = a + rows * kPanels * 32;
  const c = b + kPanels * panels * 256;
  const run = (): void => kernels.product(0, kernels.productPieces(rows, panels), rows, kPanels, a, rows * 32, b, c, rows * 32, panels);
  const numbers = new Float32Array(memory.buffer);
  // All rows and columns of the product differ; no sum reaches 2²⁴.
  let dot = 0;
  for (let k = 0; k < kPanels * 8; k++) {
    const [u, v] = [1 + (k % 3), (k % 5) - 2];
    dot += u * v;
    for (let row = 0; row < rows; row++) numbers[a / 4 + place(row, k, rows)] = (row + 1) * u;
    for (let column = 0; column < panels * 8; column++) numbers[b / 4 + place(k, column, kPanels * 8)] = v * (column + 1);
  }
  run();
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < panels * 8; column++) if (numbers[c / 4 + place(row, column, rows)] !== (row + 1) * dot * (column + 1)) return undefined;
  }
  return run;
}

/** The kernels in a memory of their own; undefined where they do not run. */
function linked(variant: KernelVariant, sharing: Sharing): { readonly kernels: Kernels; readonly memory: WebAssembly.Memory } | undefined {
  try {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: sharing === 'shared' });
    return { kernels: link(kernelModule(variant, sharing), memory), memory };
  } catch {
    return undefined;
  }
}

/** Where an element of a matrix [rows, …] lies in column panels without gaps, in numbers. */
function place(row: number, column: number, rowsOfPanel: number): number {
  return (column >> 3) * rowsOfPanel * 8 + row * 8 + (column & 7);
}
