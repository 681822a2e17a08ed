import type { Engine } from '../src/engine/engine';
import { createReferenceEngine } from '../src/engine/reference/referenceEngine';
import { createWasmEngine } from '../src/engine/wasm/wasmEngine';
import type { Architecture } from '../src/spec/architecture';

/** Every implementation of `Engine`; suites about behaviour run over all of them. */
export const engines: readonly { name: Engine['name']; create(architecture: Architecture): Promise<Engine> }[] = [
  { name: 'reference', create: (architecture) => Promise.resolve(createReferenceEngine(architecture)) },
  { name: 'wasm', create: (architecture) => Promise.resolve(createWasmEngine(architecture)) },
];
