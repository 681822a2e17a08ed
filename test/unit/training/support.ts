import { createHash } from 'node:crypto';
import { languageModelData } from '../../../src/data/languageModel';
import type { TaskData } from '../../../src/data/task';
import type { Engine } from '../../../src/engine/engine';
import { initialParameters } from '../../../src/engine/initialise';
import { Random } from '../../../src/shared/random';
import type { Tensors } from '../../../src/shared/tensor';
import { architectureOf, type Architecture } from '../../../src/spec/architecture';
import { specSchema, type Spec } from '../../../src/spec/schema';

/** A spec of a small language model; `training` and `layers` over the defaults of these tests. */
export function smallSpec(training: object = {}, layers: readonly object[] = [{ cell: 'lstm', units: 6 }, { cell: 'gru', units: 5 }]): Spec {
  return specSchema.parse({
    version: 1,
    name: 'small',
    task: { kind: 'language-model', data: 'text.txt', tokens: 'char' },
    model: { layers },
    training: { batch: 3, window: 7, steps: 30, optimizer: { kind: 'adam', learningRate: 0.01 }, clip: { kind: 'norm', threshold: 1 }, ...training },
  });
}

/** Tokens of five kinds in which each depends on the one before. */
export function smallData(length = 400, validation = 0.2): TaskData {
  const random = Random.fromSeed(7);
  const tokens = new Uint8Array(length);
  for (let i = 1; i < length; i++) tokens[i] = random.uniform() < 0.8 ? (tokens[i - 1]! * 2 + 1) % 5 : random.below(5);
  return languageModelData(tokens, { kind: 'char', tokens: ['a', 'b', 'c', 'd', 'e'] }, validation);
}

/** An engine with the spec's initial parameters. */
export async function smallEngine(spec: Spec, create: (architecture: Architecture) => Promise<Engine>, data = smallData()): Promise<Engine> {
  const architecture = architectureOf(spec, data.sizes);
  const engine = await create(architecture);
  engine.setParameters(initialParameters(architecture, spec.training.seed));
  return engine;
}

/** A digest of each tensor's bytes, so that equality means equality of bits. */
export function bits(tensors: Tensors): Record<string, string> {
  return Object.fromEntries([...tensors].map(([name, { data }]) => [name, createHash('sha256').update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).digest('hex')]));
}
