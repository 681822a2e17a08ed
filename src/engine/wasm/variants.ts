import { fused, fusedShared, plain, plainShared } from './binaries.generated';
import { link, type Kernels } from './kernels';

/** Which SIMD the kernels use: `fused` has one-instruction multiply-adds (relaxed SIMD), `plain` not. */
export type KernelVariant = 'fused' | 'plain';

/** All variants, the best first. */
export const kernelVariants: readonly KernelVariant[] = ['fused', 'plain'];

/** Whether a memory is one thread's or several threads'; each needs a build of its own. */
export type Sharing = 'own' | 'shared';

const binaries = { fused: { own: fused, shared: fusedShared }, plain: { own: plain, shared: plainShared } };
const modules = new Map<string, WebAssembly.Module>();
let best: { readonly variant: KernelVariant | undefined } | undefined;

/** The kernels, compiled. Throws a CompileError where the machine lacks their instructions. */
export function kernelModule(variant: KernelVariant, sharing: Sharing): WebAssembly.Module {
  const binary = binaries[variant][sharing];
  const known = modules.get(binary);
  if (known) return known;
  const module = new WebAssembly.Module(Uint8Array.from(atob(binary), (letter) => letter.charCodeAt(0)));
  modules.set(binary, module);
  return module;
}

/** The kernels in a memory of one thread. */
export function instantiate(variant: KernelVariant, memory: WebAssembly.Memory): Kernels {
  return link(kernelModule(variant, 'own'), memory);
}

/** The best variant that this machine runs and that computes a known product rightly; undefined without SIMD. */
export function bestVariant(): KernelVariant | undefined {
  best ??= { variant: kernelVariants.find(computesRightly) };
  return best.variant;
}

/** Multiplies [1, 8] by [8, 8] small integers, which every correct machine does exactly. */
function computesRightly(variant: KernelVariant): boolean {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
  let kernels: Kernels;
  try {
    kernels = instantiate(variant, memory);
  } catch {
    return false;
  }
  const start = Math.ceil(kernels.firstFree() / 64) * 64;
  const numbers = new Float32Array(memory.buffer, start, 8 + 64 + 8);
  for (let i = 0; i < 8; i++) numbers[i] = i + 1;
  for (let i = 0; i < 64; i++) numbers[8 + i] = (i % 7) - 3;
  kernels.product(0, kernels.productPieces(1, 1), 1, 1, start, 0, start + 32, start + 288, 0, 1);
  for (let column = 0; column < 8; column++) {
    let sum = 0;
    for (let k = 0; k < 8; k++) sum += (k + 1) * (((k * 8 + column) % 7) - 3);
    if (numbers[72 + column] !== sum) return false;
  }
  return true;
}
