import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SpawnHelper } from '../engine/wasm/team/team';

/** More threads than this gain little: all meet behind every timestep. */
const mostThreads = 8;

/**
 * How many threads share an engine's work when nobody says. Half of the processors, because two that are one
 * core's share its multiply-adders and somebody has to run the editor; but both of two.
 */
export function usualThreads(processors = availableParallelism()): number {
  return processors <= 2 ? processors : Math.min(mostThreads, Math.ceil(processors / 2));
}

/** Starts helpers as threads of this process, from a bundle that lies beside the running one. */
export function helperThreads(path: string | URL = join(__dirname, 'engineHelper.js')): SpawnHelper {
  return (start, died) => {
    const worker = new Worker(path, { name: 'unroll engine helper', workerData: start });
    worker.unref();
    // What it failed of says nothing to a person; that it has ended is told by `exit`.
    worker.on('error', () => undefined);
    worker.on('exit', died);
    return {
      terminate: () => {
        worker.off('exit', died);
        void worker.terminate();
      },
    };
  };
}
