import type { DataFiles } from '../data/files';
import type { Engine } from '../engine/engine';
import type { ProcessingOrder } from '../engine/order';
import type { Architecture } from '../spec/architecture';

/** How an engine is made for a network. */
export interface EngineOptions {
  /** Threads that share the work; as many as suit the machine when absent. The answers do not depend on it. */
  readonly threads?: number;
  /** In which order cells are computed; `layer-major` when absent. */
  readonly order?: ProcessingOrder;
  /** Hears in a sentence when a slower engine than usual had to be made. */
  readonly log?: (text: string) => void;
}

/** What the engine service needs from the platform it runs on: a Node worker thread, or a browser's worker. */
export interface EngineWorld {
  createEngine(architecture: Architecture, options: EngineOptions): Promise<Engine>;
  /** Files with paths relative to `folder`. */
  files(folder: string): DataFiles;
  /** Resolves after waiting messages have been handled. */
  pause(): Promise<void>;
  /** Milliseconds from any fixed point. */
  now(): number;
  /** Tells the host that work goes on. */
  heartbeat(): void;
}
