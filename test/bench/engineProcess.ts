import { createInterface } from 'node:readline';
import { initialParameters } from '../../src/engine/initialise';
import { bestVariant, instantiate } from '../../src/engine/wasm/kernels';
import { createWasmEngine } from '../../src/engine/wasm/wasmEngine';
import { architectureOf } from '../../src/spec/architecture';
import { specSchema } from '../../src/spec/schema';
import { vocabulary, type Shape } from './shapes';

/*
 * One process that measures the fast engine: reads {shape, steps} a line, answers {seconds, peak} a line.
 * Seconds are the processor's, not the wall's, so that what else the machine does counts little.
 */

const variant = bestVariant();
const kernels = instantiate(variant, new WebAssembly.Memory({ initial: 16, maximum: 65536 }));
const seconds = (): number => process.cpuUsage().user / 1e6;

/** GFLOP/s of independent multiply-adds, over about 10 ms. */
function peak(): number {
  const rounds = 5e6;
  const start = seconds();
  kernels.peak(rounds, 0.5, 0.99);
  return (rounds * kernels.peakOperations()) / (seconds() - start) / 1e9;
}

function stepper({ cell, units, batch, window }: Shape): () => void {
  const spec = specSchema.parse({ version: 1, name: 'bench', task: { kind: 'batch', loss: 'class', vocabulary, outputs: 2 }, model: { embedding: units, layers: [{ cell, units }] } });
  const architecture = architectureOf(spec, { input: { kind: 'tokens', vocabulary }, outputs: 2, loss: 'class' });
  const engine = createWasmEngine(architecture);
  engine.setParameters(initialParameters(architecture, 1));
  const inputs = Int32Array.from({ length: window * batch }, (_, i) => (i * 7919) % vocabulary);
  const targets = Int32Array.from({ length: batch }, (_, i) => i % 2);
  const rule = { optimizer: { kind: 'sgd', learningRate: 1e-3 }, clip: { kind: 'norm', threshold: 1 } } as const;
  return () => engine.step({ steps: window, sequences: batch, inputs, targets }, rule);
}

const steppers = new Map<string, () => void>();

for await (const line of createInterface({ input: process.stdin })) {
  const { shape, steps } = JSON.parse(line) as { shape: Shape; steps: number };
  const key = JSON.stringify(shape);
  const step = steppers.get(key) ?? stepper(shape);
  if (!steppers.has(key)) {
    steppers.set(key, step);
    for (let i = 0; i < Math.max(2, steps / 2); i++) step();
    peak();
  }
  const before = peak();
  const start = seconds();
  for (let i = 0; i < steps; i++) step();
  const perStep = (seconds() - start) / steps;
  console.log(JSON.stringify({ seconds: perStep, peak: (before + peak()) / 2, simd: variant }));
}
