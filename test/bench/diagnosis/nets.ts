import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { loadData } from '../../../src/data/load';
import { DataError, type DataFiles } from '../../../src/data/files';
import type { TaskData } from '../../../src/data/task';
import type { Engine } from '../../../src/engine/engine';
import { initialParameters } from '../../../src/engine/initialise';
import { createWasmEngine } from '../../../src/engine/wasm/wasmEngine';
import type { TrainingHistory } from '../../../src/diagnosis/facts';
import { decodeSafetensors, encodeSafetensors } from '../../../src/shared/safetensors';
import type { Tensors } from '../../../src/shared/tensor';
import { architectureOf } from '../../../src/spec/architecture';
import { specSchema, type Spec } from '../../../src/spec/schema';
import { divergence } from '../../../src/training/divergence';
import { TrainingSession } from '../../../src/training/trainingSession';
import type { Kind } from './kinds';

/** A situation made: data, and a network with the weights that the kind asks for. */
export interface Net {
  readonly spec: Spec;
  readonly data: TaskData;
  readonly engine: Engine;
  readonly step: number;
  readonly history: TrainingHistory | undefined;
  readonly diverged: boolean;
  /** Held-out loss of a trained net. */
  readonly loss: number | undefined;
}

interface Trained {
  readonly parameters: Tensors;
  readonly columns: Record<keyof TrainingHistory, number[]>;
  readonly diverged: boolean;
  readonly loss: number | null;
}

/** Makes the net of a kind and seed; trained ones are kept in `cache`. */
export async function makeNet(kind: Kind, seed: number, cache: string): Promise<Net> {
  const world = kind.world(seed);
  const spec = specSchema.parse({
    version: 1,
    name: 'situation',
    task: world.task,
    model: { layers: kind.layers },
    training: { ...kind.training, seed, steps: Math.max(1, kind.steps ?? 1) },
  });
  const data = await loadData(spec.task, filesOf(world.files));
  const architecture = architectureOf(spec, data.sizes);
  const engine = await createWasmEngine(architecture);
  const first = initialParameters(architecture, seed);
  for (const [name, tensor] of first) {
    if (kind.recurrentScale !== undefined && name.includes('weight_hh') && tensor.data instanceof Float64Array) tensor.data.forEach((w, i, all) => (all[i] = w * (kind.recurrentScale ?? 1)));
  }
  engine.setParameters(first);
  if (!kind.steps) return { spec, data, engine, step: 0, history: undefined, diverged: false, loss: undefined };
  const trained = cached(`${cache}/${createHash('sha256').update(JSON.stringify([spec, kind.recurrentScale, world.files])).digest('hex').slice(0, 24)}`, () => train(spec, data, engine));
  engine.setParameters(trained.parameters);
  const { step, loss, gradNorm, clipped } = trained.columns;
  const history: TrainingHistory = { step: Float64Array.from(step), loss: Float64Array.from(loss), gradNorm: Float64Array.from(gradNorm), clipped: Uint8Array.from(clipped) };
  return { spec, data, engine, step: step.length, history, diverged: trained.diverged, loss: trained.loss ?? undefined };
}

function train(spec: Spec, data: TaskData, engine: Engine): Trained {
  const session = new TrainingSession({ training: spec.training, data, engine });
  const columns: Trained['columns'] = { step: [], loss: [], gradNorm: [], clipped: [] };
  let parameters = engine.parameters();
  while (!session.finished) {
    const result = session.step();
    columns.step.push(result.step);
    columns.loss.push(result.loss);
    columns.gradNorm.push(result.gradNorm);
    columns.clipped.push(Number(result.clipped));
    // The last weights that are numbers, as a run keeps them.
    if (divergence(result, spec.training.clip ? 'clips' : 'does-not-clip') !== undefined) return { parameters, columns, diverged: true, loss: null };
    if (result.step % 50 === 0) parameters = engine.parameters();
  }
  const evaluation = session.evaluate();
  let next = evaluation.next();
  while (next.done !== true) next = evaluation.next();
  return { parameters: engine.parameters(), columns, diverged: false, loss: next.value ?? null };
}

function cached(path: string, make: () => Trained): Trained {
  if (existsSync(`${path}.json`)) return { parameters: decodeSafetensors(readFileSync(`${path}.safetensors`)).tensors, ...(JSON.parse(readFileSync(`${path}.json`, 'utf8')) as Omit<Trained, 'parameters'>) };
  const { parameters, ...rest } = make();
  mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true });
  writeFileSync(`${path}.safetensors`, encodeSafetensors(parameters));
  writeFileSync(`${path}.json`, JSON.stringify(rest));
  return { parameters, ...rest };
}

/** Files in memory. */
function filesOf(contents: Readonly<Record<string, string>>): DataFiles {
  return {
    async *open(path) {
      const content = contents[path];
      if (content === undefined) throw new DataError('data-missing', `The data file ${path} does not exist.`, path);
      yield new TextEncoder().encode(content);
    },
  };
}
