import { benchmarkArchitecture, stepOperations, type BenchmarkNetwork } from '../../../src/training/benchmark';
import { unroll } from '../measure/contenders';
import { interleave, type Effort } from '../measure/interleave';

/** A network on batches of B sequences and T timesteps. */
export type Trained = BenchmarkNetwork & { readonly batch: number; readonly window: number };

/** The speed of a network's training step on one thread. */
export interface Rate {
  readonly seconds: number;
  readonly gflops: number;
}

/** Measures networks on one thread, one after the other in every process. */
export async function measureRates(networks: readonly Trained[], effort: Effort): Promise<Rate[]> {
  const own = unroll('step', 1);
  const measured = await interleave(networks.map((request) => ({ request, contenders: [own] })), effort);
  return networks.map((network, index) => {
    const seconds = measured[index]?.get(own.name)?.seconds ?? NaN;
    return { seconds, gflops: stepOperations(benchmarkArchitecture(network), network.batch * network.window) / seconds / 1e9 };
  });
}
