import { setImmediate } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { createEngine } from './createEngine';
import { serveEngine } from './engineService';
import { nodeDataFiles } from './nodeFiles';
import { portTransport } from './portTransport';

/** What the host hands to the worker when it starts it. */
export interface EngineWorkerData {
  /** One Int32 that grows while work goes on. */
  readonly heartbeat: SharedArrayBuffer;
}

if (parentPort) {
  const beats = new Int32Array((workerData as EngineWorkerData).heartbeat);
  serveEngine(portTransport(parentPort), {
    createEngine,
    files: nodeDataFiles,
    pause: () => setImmediate(),
    now: () => performance.now(),
    heartbeat: () => void Atomics.add(beats, 0, 1),
  });
}
