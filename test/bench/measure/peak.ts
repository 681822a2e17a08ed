import type { Kernels } from '../../../src/engine/wasm/kernels';
import { bestVariant, instantiate, type KernelVariant } from '../../../src/engine/wasm/variants';

const instances = new Map<KernelVariant, Kernels>();

/** GFLOP/s of independent multiply-adds of four lanes over about 10 ms: what no kernel of that variant can exceed. */
export function peakRate(variant: KernelVariant = bestVariant() ?? 'plain'): number {
  const kernels = instances.get(variant) ?? instantiate(variant, new WebAssembly.Memory({ initial: 16, maximum: 65536 }));
  instances.set(variant, kernels);
  const rounds = 5e6;
  const start = performance.now();
  kernels.peak(rounds, 0.5, 0.99);
  return (rounds * kernels.peakOperations()) / (performance.now() - start) / 1e6;
}
