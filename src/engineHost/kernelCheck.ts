import { setTimeout } from 'node:timers/promises';
import type { Batch, Engine, UpdateRule } from '../engine/engine';
import { initialParameters } from '../engine/initialise';
import { createReferenceEngine } from '../engine/reference/referenceEngine';
import { tunedVariant } from '../engine/wasm/variants';
import { createWasmEngine } from '../engine/wasm/wasmEngine';
import { Random } from '../shared/random';
import type { Tensors } from '../shared/tensor';
import { layerShapes, type Architecture } from '../spec/architecture';
import type { LayerSpec } from '../spec/schema';
import type { Checked } from './checkedKernels';

/** Milliseconds of training after which V8 has compiled the kernels a second time, with its optimizing compiler. */
const warming = 40;
const settling = 20;
/** How far f32 may be from f64. */
const tolerance = 1e-4;

const still: UpdateRule = { optimizer: { kind: 'sgd', learningRate: 0 } };
const moving: UpdateRule = { optimizer: { kind: 'sgd', learningRate: 0.5 } };

/**
 * Trains a small network of all cells with the kernels and in plain numbers, until V8 has optimized the kernels, and
 * compares loss, gradient norm and updated parameters.
 */
export async function checkKernels(): Promise<Checked> {
  const network = checkedNetwork();
  const batch = checkedBatch();
  const expected = outcome(createReferenceEngine(network), network, batch, 0);
  const variant = tunedVariant();
  if (!variant) return { wrong: 'this machine has no WebAssembly SIMD' };
  const builds = [() => createWasmEngine(network, { variant }), () => createWasmEngine(network, { variant, threads: 2, spawn: () => ({ terminate: () => undefined }) })];
  try {
    const early = builds.map((create) => outcome(create(), network, batch, warming));
    // The optimized code takes over behind the scenes.
    await setTimeout(settling);
    const late = builds.map((create) => outcome(create(), network, batch, 0));
    const error = Math.max(...[...early, ...late].map((found) => distance(found, expected)));
    return error <= tolerance ? { variant } : { wrong: `the kernels compute wrongly (relative error ${error.toExponential(1)})` };
  } catch (error) {
    return { wrong: `the kernels do not run (${(error as Error).message})` };
  }
}

interface Outcome {
  readonly loss: number;
  readonly gradNorm: number;
  readonly parameters: Tensors;
}

function outcome(engine: Engine, network: Architecture, batch: Batch, milliseconds: number): Outcome {
  engine.setParameters(initialParameters(network, 1));
  for (const end = performance.now() + milliseconds; performance.now() < end; ) engine.step(batch, still);
  const { loss, gradNorm } = engine.step(batch, moving);
  const parameters = engine.parameters();
  engine.dispose();
  return { loss, gradNorm, parameters };
}

/** The largest relative difference; infinite where something is no number. */
function distance(a: Outcome, b: Outcome): number {
  let worst = Math.max(relative(a.loss, b.loss), relative(a.gradNorm, b.gradNorm));
  for (const [name, { data }] of b.parameters) {
    const other = a.parameters.get(name)?.data ?? [];
    data.forEach((value: number | bigint, index: number) => (worst = Math.max(worst, relative(Number(other[index]), Number(value)))));
  }
  return worst;
}

function relative(a: number, b: number): number {
  const difference = Math.abs(a - b) / Math.max(1, Math.abs(b));
  return Number.isNaN(difference) ? Infinity : difference;
}

function checkedNetwork(): Architecture {
  const layer = (cell: LayerSpec['cell'], units: number): LayerSpec => ({ cell, units, activation: 'tanh', resetAfter: true, bidirectional: cell === 'gru', connection: 'none', dropout: 0, forgetBias: 1, init: 'uniform', repeat: 1 });
  const embedding = 10;
  return { input: { kind: 'tokens', vocabulary: 11, embedding }, layers: layerShapes([layer('lstm', 27), layer('gru', 18), layer('rnn', 12)], embedding), outputs: 11, loss: 'tokens' };
}

function checkedBatch(): Batch {
  const random = Random.fromSeed(1);
  const [steps, sequences] = [9, 13];
  const tokens = (): Int32Array => Int32Array.from({ length: steps * sequences }, () => random.below(11));
  return { steps, sequences, inputs: tokens(), targets: tokens() };
}
