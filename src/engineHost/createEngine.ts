import { availableParallelism } from 'node:os';
import type { Engine } from '../engine/engine';
import { bestVariant, tunedVariant } from '../engine/wasm/variants';
import { createWasmEngine } from '../engine/wasm/wasmEngine';
import type { Architecture } from '../spec/architecture';
import { helperThreads, usualThreads } from './helperThreads';
import { joinsOperations } from './turboFlags';
import type { EngineOptions } from './world';

/** How often a waiting thread looks before it sleeps where another may need its processor. */
const fewTurns = 1_000;

/**
 * The engine that trainings, traces and generation use: the fastest that this machine runs. Throws a RangeError when
 * the network needs more memory than there is.
 */
export async function createEngine(architecture: Architecture, { order, threads = usualThreads(availableParallelism()), log }: EngineOptions = {}): Promise<Engine> {
  const variant = process.execArgv.includes(joinsOperations) ? tunedVariant() : bestVariant();
  if (!variant) {
    log?.('WebAssembly SIMD is missing here: the plain engine computes instead, which gives the same answers about a hundred times slower.');
    const { createReferenceEngine } = await import('../engine/reference/referenceEngine');
    return createReferenceEngine(architecture, { order });
  }
  const turns = threads > availableParallelism() ? fewTurns : undefined;
  return createWasmEngine(architecture, { variant, order, threads, spawn: helperThreads(), turns });
}
