import { benchmarkArchitecture, stepOperations, type BenchmarkNetwork } from '../../../src/training/benchmark';
import { unroll } from '../measure/contenders';
import { interleave, type Contender, type Effort } from '../measure/interleave';

/** A network on batches of B sequences and T timesteps. */
export type Trained = BenchmarkNetwork & { readonly batch: number; readonly window: number };

/** The speed of a network's training step on one thread. */
export interface Rate {
  readonly seconds: number;
  readonly gflops: number;
}

/** Measures groups of networks on one thread; those of a group take turns in one process. Undefined where the machine was too busy. */
export async function measureRates(groups: readonly (readonly Trained[])[], effort: Effort): Promise<(Rate | undefined)[][]> {
  const contenderOf = (request: Trained, place: number): Contender => ({ ...unroll('step', 1), process: 'networks', name: `network ${place}`, request });
  const measured = await interleave(groups.map((networks) => ({ request: {}, contenders: networks.map(contenderOf) })), effort);
  return groups.map((networks, group) =>
    networks.map((network, place) => {
      const seconds = measured[group]?.get(contenderOf(network, place).name)?.seconds;
      return seconds === undefined ? undefined : { seconds, gflops: stepOperations(benchmarkArchitecture(network), network.batch * network.window) / seconds / 1e9 };
    }),
  );
}
