import type { Batch, Engine } from '../../../src/engine/engine';
import { initialParameters } from '../../../src/engine/initialise';
import { Random } from '../../../src/shared/random';
import type { Tensor, Tensors } from '../../../src/shared/tensor';
import { architectureOf, type Architecture } from '../../../src/spec/architecture';
import { specSchema, type LayerSpec } from '../../../src/spec/schema';
import type { engines } from '../../engines';

/** A layer as the spec would give it, defaults filled in. */
export function layer(cell: LayerSpec['cell'], units: number, more: Partial<LayerSpec> = {}): LayerSpec {
  return { cell, units, activation: 'tanh', resetAfter: true, bidirectional: false, connection: 'none', dropout: 0, forgetBias: 1, init: 'uniform', repeat: 1, ...more };
}

/** A network of these layers; without `features` it reads tokens. */
export function architecture(layers: LayerSpec[], sizes: { vocabulary?: number; embedding?: number; features?: number; outputs?: number; loss?: Architecture['loss'] } = {}): Architecture {
  const { vocabulary = 11, embedding = 0, features, outputs = features ?? vocabulary, loss = features ? 'values' : 'tokens' } = sizes;
  const spec = specSchema.parse({ version: 1, name: 'test', task: { kind: 'batch', loss, outputs }, model: { embedding, layers } });
  return architectureOf(spec, { input: features ? { kind: 'values', features } : { kind: 'tokens', vocabulary }, outputs, loss });
}

/** A batch of random inputs and targets that fits the network. */
export function randomBatch({ input, outputs, loss }: Architecture, steps: number, sequences: number, seed: number, lengths?: readonly number[]): Batch {
  const random = Random.fromSeed(seed);
  const whole = (count: number, bound: number) => Int32Array.from({ length: count }, () => random.below(bound));
  const values = (count: number) => Float64Array.from({ length: count }, () => random.normal());
  const positions = steps * sequences;
  return {
    steps,
    sequences,
    inputs: input.kind === 'tokens' ? whole(positions, input.vocabulary) : values(positions * input.features),
    targets: loss === 'values' ? values(positions * outputs) : whole(loss === 'class' ? sequences : positions, outputs),
    lengths: lengths && Int32Array.from(lengths),
  };
}

/** An engine of this network with initial parameters from a seed. */
export async function started({ create }: (typeof engines)[number], network: Architecture, seed = 1): Promise<Engine> {
  const engine = await create(network);
  engine.setParameters(initialParameters(network, seed));
  return engine;
}

/** Largest |a − b| over the tensors that both must hold, relative to the largest |b| of each. */
export function largestError(actual: Tensors, expected: Tensors, names: Iterable<string> = expected.keys()): { name: string; error: number } {
  let worst = { name: '', error: 0 };
  for (const name of names) {
    const [a, b] = [actual.get(name)!.data, expected.get(name)!.data];
    let [difference, largest] = [a.length === b.length ? 0 : Infinity, 1e-8];
    for (let i = 0; i < b.length; i++) {
      difference = Math.max(difference, Number.isNaN(Number(a[i])) ? Infinity : Math.abs(Number(a[i]) - Number(b[i])));
      largest = Math.max(largest, Math.abs(Number(b[i])));
    }
    if (difference / largest > worst.error) worst = { name, error: difference / largest };
  }
  return worst;
}

/** The elements of a tensor as numbers. */
export const numbersOf = ({ data }: Pick<Tensor, 'data'>): number[] => Array.from<number | bigint, number>(data, Number);
