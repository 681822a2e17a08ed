import type { Batch, Engine } from '../../src/engine/engine';
import { initialParameters } from '../../src/engine/initialise';
import { Random } from '../../src/shared/random';
import { architectureOf, type Architecture } from '../../src/spec/architecture';
import { specSchema, type LayerSpec } from '../../src/spec/schema';

/**
 * How much of a gradient is left after 99 steps at initialisation: T = 100 timesteps of 8 inputs from N(0, 1),
 * H = 64 units, the loss on the last hidden state.
 */
export interface DecayCase {
  readonly label: string;
  readonly layer: { readonly cell: LayerSpec['cell'] } & Partial<LayerSpec>;
  /** Recurrent layers' biases: as `init` draws them, or zeros but for the forget bias. */
  readonly biases: 'as-drawn' | 'zeros';
  /**
   * log₁₀ of |∂L/∂h₀| / |∂L/∂h_T| at lag 99 in PyTorch 2: means of 3 seeds, of the two with uniform biases of 6.
   * decay_torch.py measures all of them anew; its means move by some tenths with the seeds, those of the tanh RNN by one.
   */
  readonly pytorch: number;
}

export const decayCases: readonly DecayCase[] = [
  { label: 'tanh RNN', layer: { cell: 'rnn' }, biases: 'as-drawn', pytorch: -23.9 },
  { label: 'tanh RNN, orthogonal', layer: { cell: 'rnn', init: 'orthogonal' }, biases: 'as-drawn', pytorch: -5.3 },
  { label: 'LSTM, zero biases', layer: { cell: 'lstm', forgetBias: 0 }, biases: 'zeros', pytorch: -20.2 },
  { label: 'LSTM, forget bias 1', layer: { cell: 'lstm', forgetBias: 1 }, biases: 'zeros', pytorch: -7.3 },
  { label: 'LSTM, forget bias 3', layer: { cell: 'lstm', forgetBias: 3 }, biases: 'zeros', pytorch: -0.1 },
  { label: 'LSTM, uniform biases + 1', layer: { cell: 'lstm', forgetBias: 1 }, biases: 'as-drawn', pytorch: -7.7 },
  { label: 'LSTM, uniform biases + 3', layer: { cell: 'lstm', forgetBias: 3 }, biases: 'as-drawn', pytorch: -0.76 },
  { label: 'GRU', layer: { cell: 'gru' }, biases: 'as-drawn', pytorch: -20.0 },
];

const [steps, units, features, sequences] = [100, 64, 8, 4];

/** The network of a case. */
export function decayNetwork({ layer }: DecayCase): Architecture {
  const spec = specSchema.parse({ version: 1, name: 'decay', task: { kind: 'batch', loss: 'class', features, outputs: 2 }, model: { layers: [{ units, ...layer }] } });
  return architectureOf(spec, { input: { kind: 'values', features }, outputs: 2, loss: 'class' });
}

/** log₁₀ of |∂L/∂h₀| / |∂L/∂h_T| for weights and inputs of this seed, on an engine of the case's network. */
export function measureDecay(engine: Engine, { biases, layer }: DecayCase, seed: number): number {
  const parameters = initialParameters(engine.architecture, seed);
  if (biases === 'zeros') {
    for (const [name, { data }] of parameters) if (name.includes('.bias_')) data.forEach((_, i) => (data[i] = name.includes('.bias_ih_') && i >= units && i < 2 * units ? (layer.forgetBias ?? 1) : 0));
  }
  engine.setParameters(parameters);
  const random = Random.fromSeed(seed, 1);
  const inputs = Float64Array.from({ length: steps * sequences * features }, () => random.normal());
  const batch: Batch = { steps, sequences, inputs, targets: Int32Array.from({ length: sequences }, () => random.below(2)) };
  const gradient = engine.trace(batch, { flow: 'without-flow' }).get('layer0.forward.grad.h');
  const norm = (t: number): number => Math.hypot(...Array.from(gradient?.data.slice(t * sequences * units, (t + 1) * sequences * units) ?? [], Number));
  return Math.log10(norm(0) / norm(steps - 1));
}

/** Mean over `seeds`. */
export function meanDecay(engine: Engine, decayCase: DecayCase, seeds: readonly number[]): number {
  return seeds.reduce((sum, seed) => sum + measureDecay(engine, decayCase, seed), 0) / seeds.length;
}
