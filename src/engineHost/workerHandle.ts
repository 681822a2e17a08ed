import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { KernelVariant } from '../engine/wasm/variants';
import type { Transport } from '../shared/rpc';
import { compileCacheEnvironment } from './cacheFolder';
import { portTransport } from './portTransport';
import type { EngineWorkerData } from './worker';

/** A started worker, whatever the platform. */
export interface WorkerHandle {
  readonly transport: Transport;
  /** Calls back once when the worker has ended, with the reason for a person. */
  onExit(listener: (reason: string) => void): void;
  /** A number that changes while the worker works. */
  heartbeat(): number;
  /** A kept worker keeps the process alive; one that is not does not. */
  keep(kept: 'kept' | 'not-kept'): void;
  terminate(): void;
}

/** The worker's bundle, which lies beside the bundle that starts it. */
export function engineWorkerPath(): string {
  return join(__dirname, 'engineWorker.js');
}

/** Starts the engine in a thread of this process. `variant`: the kernels that it is to use; it chooses them itself when absent. */
export function startNodeWorker(path: string, variant?: KernelVariant): WorkerHandle {
  const heartbeat = new SharedArrayBuffer(4);
  const worker = new Worker(path, { name: 'unroll engine', env: compileCacheEnvironment(), workerData: { heartbeat, variant } satisfies EngineWorkerData });
  const beats = new Int32Array(heartbeat);
  let failure: string | undefined;
  worker.on('error', (error: NodeJS.ErrnoException) => {
    failure = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'The engine ran out of memory. Use a smaller model, batch or window.' : `The engine failed: ${error.message}`;
  });
  return {
    transport: portTransport(worker),
    onExit: (listener) => void worker.once('exit', () => listener(failure ?? 'The engine was ended from outside.')),
    heartbeat: () => Atomics.load(beats, 0),
    keep: (kept) => (kept === 'kept' ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  };
}
