import type { Engine } from '../engine/engine';
import { createWasmEngine } from '../engine/wasm/wasmEngine';
import type { Architecture } from '../spec/architecture';
import type { EngineOptions } from './world';

/** The engine that trainings, traces and generation use. Throws a RangeError when the network needs more memory than there is. */
export async function createEngine(architecture: Architecture, { order }: EngineOptions = {}): Promise<Engine> {
  return Promise.resolve(createWasmEngine(architecture, { order }));
}
