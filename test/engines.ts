import { setFlagsFromString } from 'node:v8';
import type { Engine } from '../src/engine/engine';
import type { ProcessingOrder } from '../src/engine/order';
import { createReferenceEngine } from '../src/engine/reference/referenceEngine';
import { kernelVariants, type KernelVariant } from '../src/engine/wasm/variants';
import { createWasmEngine } from '../src/engine/wasm/wasmEngine';
import type { Architecture } from '../src/spec/architecture';
import { spawn } from './helpers';

// Node 20 has relaxed SIMD only behind a flag; with it, all variants of the kernels are tested wherever tests run.
setFlagsFromString('--experimental-wasm-relaxed-simd');

/** The variants of the kernels; `wide` gives the same answers where V8 does not join operations, only later. */
export const variants: readonly KernelVariant[] = kernelVariants;

interface Implementation {
  readonly name: Engine['name'];
  create(architecture: Architecture, options?: { readonly order?: ProcessingOrder }): Promise<Engine>;
}

/** Every implementation of `Engine`; suites about behaviour run over all of them. */
export const engines: readonly Implementation[] = [
  { name: 'reference', create: (architecture, options) => Promise.resolve(createReferenceEngine(architecture, options)) },
  { name: 'wasm', create: (architecture, options) => Promise.resolve(createWasmEngine(architecture, options)) },
];

/** The same with every build of the kernels, for suites about numbers: each variant, alone and for two threads that share all they can. */
export const enginesAndVariants: readonly (Implementation & { readonly variant: string })[] = engines.flatMap((engine) => {
  if (engine.name === 'reference') return [{ ...engine, variant: 'reference' }];
  return variants.flatMap((variant) =>
    [1, 2].map((threads) => ({
      ...engine,
      variant: `wasm, ${variant}, threads: ${threads}`,
      create: (architecture: Architecture, options?: { readonly order?: ProcessingOrder }) => Promise.resolve(createWasmEngine(architecture, { ...options, variant, threads, spawn, turns: 100, worth: { step: 0, job: 0, start: 0 }, sharing: 'always' })),
    })),
  );
});
