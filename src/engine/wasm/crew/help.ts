import { link } from '../kernels';
import { slotOf } from './memory';

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

/** Takes part in what a crew's leader does, on a thread of its own, until the thread is ended. */
export function help({ module, memory, crew, member }: HelperStart): void {
  const kernels = link(module, memory);
  try {
    Atomics.store(new Int32Array(memory.buffer), slotOf(crew, member) / 4, 1);
    kernels.helpCrew(crew, member);
  } catch (error) {
    kernels.breakCrew(crew);
    throw error;
  }
}
