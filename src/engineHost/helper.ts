import { workerData } from 'node:worker_threads';
import { help, type HelperStart } from '../engine/wasm/team/help';

/** A thread that shares the engine's work; see `helperThreads`. */
help(workerData as HelperStart);
