import { createWasmEngine } from '../../src/engine/wasm/wasmEngine';
import { initialCarry } from '../../src/diagnosis/initial/initialCarry';
import { specSchema, type LayerSpec } from '../../src/spec/schema';
import { decayCases, decayNetwork, meanDecay } from './decayCases';

/*
 * Prints the decay of gradients at initialisation beside what PyTorch gives. The tanh RNN's last digits depend on the
 * seeds: PyTorch's own lie up to 10 % apart. Beside them what the what-if at initialisation draws at that lag, whose
 * biases are always as drawn, and at the end how long it takes.
 */

const seeds = Array.from({ length: 12 }, (_, seed) => seed + 1);
const line = (label: string, ...numbers: readonly string[]): string => label.padEnd(28) + numbers.map((text) => text.padStart(10)).join('');

console.log(`log10 |dL/dh0| / |dL/dhT| at lag 99, T = 100, H = 64, mean of ${seeds.length} seeds`);
console.log(line('', 'measured', 'PyTorch', 'what-if'));
for (const decayCase of decayCases) {
  const engine = createWasmEngine(decayNetwork(decayCase));
  console.log(line(decayCase.label, meanDecay(engine, decayCase, seeds).toFixed(2), decayCase.pytorch.toFixed(2), whatIf(layerOf(decayCase.layer)).toFixed(2)));
  engine.dispose();
}

console.log('\nMilliseconds of one what-if, lags 0 to 200: median and slowest of 15');
console.log(line('', 'median', 'slowest'));
for (const [cell, units, repeat] of [['rnn', 64, 1], ['lstm', 64, 1], ['gru', 64, 1], ['lstm', 512, 1], ['lstm', 64, 3], ['gru', 64, 3], ['lstm', 64, 6]] as const) {
  const layer = layerOf({ cell, units, repeat });
  const times = Array.from({ length: 15 }, () => {
    const start = performance.now();
    whatIf(layer);
    return performance.now() - start;
  }).sort((a, b) => a - b);
  console.log(line(`${repeat} × ${cell} ${units}`, (times[7] ?? 0).toFixed(1), (times.at(-1) ?? 0).toFixed(1)));
}

/** log₁₀ of the carry at lag 99 of the lowest layer, which the figures draw for one seed. */
function whatIf(layer: LayerSpec): number {
  const [lowest] = initialCarry({ input: { kind: 'values', features: 8 }, layers: [layer], seed: 1 });
  return Math.log10(lowest?.rms[99] ?? Number.NaN);
}

function layerOf(layer: Partial<LayerSpec>): LayerSpec {
  const { model } = specSchema.parse({ version: 1, name: 'decay', task: { kind: 'batch', loss: 'values', features: 8, outputs: 1 }, model: { layers: [{ units: 64, ...layer }] } });
  const [parsed] = model.layers ?? [];
  if (!parsed) throw new Error('a layer is a layer');
  return parsed;
}
