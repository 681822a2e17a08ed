import { link, type Kernels } from '../kernels';
import { mostValues, slot, slotOf } from './memory';

/** What a helper is started with; survives being sent to another thread. */
export interface HelperStart {
  /** The kernels, as the leader runs them. */
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of the crew. */
  readonly crew: number;
  /** From 1 on; the leader is 0. */
  readonly member: number;
}

type Call = (...values: number[]) => number | undefined;

/** The kernels in the order of the module's exports, by which jobs name them. */
export function kernelNames(kernels: Kernels): readonly (keyof Kernels)[] {
  return Object.keys(kernels) as (keyof Kernels)[];
}

/** Does the jobs of a crew's leader, on a thread of its own, until the thread is ended. */
export function help({ module, memory, crew, member }: HelperStart): never {
  const kernels = link(module, memory);
  const calls: readonly Call[] = kernelNames(kernels).map((name) => kernels[name] as Call);
  const own = slotOf(crew, member);
  const i32 = new Int32Array(memory.buffer);
  const values = new Float64Array(memory.buffer, own + slot.values, mostValues);
  const result = new Float64Array(memory.buffer, own + slot.result, 1);
  try {
    let job = 0;
    Atomics.store(i32, (own + slot.ready) / 4, 1);
    for (;;) {
      job = kernels.awaitJob(crew, job);
      if (i32[(own + slot.job) / 4] !== job) continue;
      const call = calls[i32[(own + slot.kernel) / 4] ?? 0];
      result[0] = call?.(...values) ?? 0;
      kernels.finishJob(crew);
    }
  } catch (error) {
    kernels.breakCrew(crew);
    throw error;
  }
}
