import { createWasmEngine } from '../../src/engine/wasm/wasmEngine';
import { decayCases, decayNetwork, meanDecay } from './decayCases';

/*
 * Prints the decay of gradients at initialisation beside what PyTorch gives. The tanh RNN's last digits depend on the
 * seeds: PyTorch's own lie up to 10 % apart.
 */

const seeds = Array.from({ length: 12 }, (_, seed) => seed + 1);
const line = (label: string, ...numbers: readonly string[]): string => label.padEnd(28) + numbers.map((text) => text.padStart(10)).join('');

console.log(`log10 |dL/dh0| / |dL/dhT| at lag 99, T = 100, H = 64, mean of ${seeds.length} seeds`);
console.log(line('', 'measured', 'PyTorch'));
for (const decayCase of decayCases) {
  const engine = createWasmEngine(decayNetwork(decayCase));
  console.log(line(decayCase.label, meanDecay(engine, decayCase, seeds).toFixed(2), decayCase.pytorch.toFixed(2)));
  engine.dispose();
}
