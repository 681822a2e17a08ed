import { link } from '../kernels';
import { slotOf } from './memory';

/** What a helper is started with; survives being sent to another thread. */
export interface HelperStart {
  /** The kernels, as the leader runs them. */
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of the team. */
  readonly team: number;
  /** From 1 on; the leader is 0. */
  readonly member: number;
}

/** Takes part in what a team's leader does, on a thread of its own, until the thread is ended. */
export function help({ module, memory, team, member }: HelperStart): void {
  const kernels = link(module, memory);
  try {
    Atomics.store(new Int32Array(memory.buffer), slotOf(team, member) / 4, 1);
    kernels.helpTeam(team, member);
  } catch (error) {
    kernels.breakTeam(team);
    throw error;
  }
}
