import type { Engine } from '../src/engine/engine';
import type { ProcessingOrder } from '../src/engine/order';
import { createReferenceEngine } from '../src/engine/reference/referenceEngine';
import { createWasmEngine } from '../src/engine/wasm/wasmEngine';
import type { Architecture } from '../src/spec/architecture';

/** Every implementation of `Engine`; suites about behaviour run over all of them. */
export const engines: readonly { name: Engine['name']; create(architecture: Architecture, options?: { readonly order?: ProcessingOrder }): Promise<Engine> }[] = [
  { name: 'reference', create: (architecture, options) => Promise.resolve(createReferenceEngine(architecture, options)) },
  { name: 'wasm', create: (architecture, options) => Promise.resolve(createWasmEngine(architecture, options)) },
];
