import { setImmediate } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { preferVariant, type KernelVariant } from '../engine/wasm/variants';
import { createEngine } from './createEngine';
import { serveEngine } from './engineService';
import { nodeDataFiles } from './nodeFiles';
import { portTransport } from './portTransport';

/** What the host hands to the worker when it starts it. */
export interface EngineWorkerData {
  /** One Int32 that grows while work goes on. */
  readonly heartbeat: SharedArrayBuffer;
  /** The kernels that were checked. */
  readonly variant?: KernelVariant;
}

if (parentPort) {
  const { heartbeat, variant } = workerData as EngineWorkerData;
  if (variant) preferVariant(variant);
  const beats = new Int32Array(heartbeat);
  serveEngine(portTransport(parentPort), {
    createEngine,
    files: nodeDataFiles,
    pause: () => setImmediate(),
    now: () => performance.now(),
    heartbeat: () => void Atomics.add(beats, 0, 1),
  });
}
