import { loadData } from '../data/load';
import type { Checkpointed } from '../engine/engine';
import { initialParameters } from '../engine/initialise';
import { createReferenceEngine } from '../engine/reference/referenceEngine';
import { architectureOf } from '../spec/architecture';
import type { Spec } from '../spec/schema';
import { gradientCheck, randomCheckBatch, sampledElements, tooLargeToCheck, type GradientCheck } from '../training/check';
import { ServiceError } from './failures';
import type { CancelFlag } from './service';
import type { EngineWorld } from './world';

export interface CheckRequest {
  /** Names this request in `HostService.checking`. */
  readonly id: string;
  readonly spec: Spec;
  /** Folder that the spec's data paths are relative to. */
  readonly dataFolder: string;
  readonly cancel?: CancelFlag;
}

/** What a check needs of the world around it. */
export interface CheckWorld {
  readonly world: EngineWorld;
  readonly alive: Checkpointed;
  /** Hears the share that is done. */
  readonly onProgress: (done: number) => void;
  /** Lets trainings and other requests have a turn. */
  readonly turn: () => Promise<void>;
}

/** Compares backpropagation with finite differences in f64, with the weights that the spec begins with, on a small random batch. The data tell the sizes. */
export async function checkSpec({ spec, dataFolder }: CheckRequest, { world, alive, onProgress, turn }: CheckWorld): Promise<GradientCheck> {
  const { sizes } = await loadData(spec.task, world.files(dataFolder), { alive });
  const architecture = architectureOf(spec, sizes);
  const tooLarge = tooLargeToCheck(architecture);
  if (tooLarge !== undefined) throw new ServiceError(tooLarge, 'too-large');
  const { seed } = spec.training;
  const engine = createReferenceEngine(architecture);
  engine.setParameters(initialParameters(architecture, seed));
  const work = gradientCheck(engine, randomCheckBatch(architecture, seed), { perParameter: sampledElements, seed, alive });
  let next = work.next();
  for (; next.done !== true; next = work.next()) {
    onProgress(next.value);
    await turn();
  }
  return next.value;
}
