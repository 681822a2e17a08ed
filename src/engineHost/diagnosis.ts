import { loadData } from '../data/load';
import { loadOptionsOf } from '../data/stored';
import type { TaskData } from '../data/task';
import { diagnose, DiagnosisError } from '../diagnosis/diagnose';
import type { TrainingHistory } from '../diagnosis/facts';
import type { Checkpointed } from '../engine/engine';
import { initialParameters } from '../engine/initialise';
import type { Diagnosis, DiagnosisProgress, TriedEdit } from '../shared/diagnosis';
import type { Tensors } from '../shared/tensor';
import { architectureOf, type Architecture } from '../spec/architecture';
import type { Spec } from '../spec/schema';
import { ServiceError } from './failures';
import { liveModel } from './inspection';
import type { HeldTraining } from './heldTraining';
import type { CancelFlag, LiveWeights, StoredWeights } from './service';
import { storedModel } from './storedModel';
import type { EngineWorld } from './world';

/** The weights that a spec begins with, of which there is no run yet. */
export interface InitialWeights {
  readonly kind: 'initial';
  readonly dataFolder: string;
}

export interface DiagnoseRequest {
  /** Names this request in `HostService.diagnosing`. */
  readonly id: string;
  readonly spec: Spec;
  readonly weights: StoredWeights | LiveWeights | InitialWeights;
  /** The curves of the run, up to these weights. */
  readonly history?: TrainingHistory;
  /** Whether the training ended because its numbers were no longer finite. */
  readonly diverged?: boolean;
  /** Edits that were tried on this model, oldest first. */
  readonly tried?: readonly TriedEdit[];
  readonly cancel?: CancelFlag;
}

/** What a diagnosis needs of the world around it. */
export interface DiagnosisWorld {
  readonly world: EngineWorld;
  readonly held: (run: string) => HeldTraining;
  readonly alive: Checkpointed;
  readonly onProgress: (progress: DiagnosisProgress) => void;
  /** Lets trainings and other requests have a turn. */
  readonly turn: () => Promise<void>;
}

/** Diagnoses weights with an engine of its own, so that a training under way can go on meanwhile. */
export async function diagnoseWeights({ spec, weights, history, diverged, tried }: DiagnoseRequest, { world, held, alive, onProgress, turn }: DiagnosisWorld): Promise<Diagnosis> {
  const { architecture, parameters, data, step } = await modelOf(spec, weights, world, held, alive);
  const engine = await world.createEngine(architecture, {});
  try {
    engine.setParameters(parameters);
    const work = diagnose({ engine, spec, data, step, history, diverged, tried }, alive);
    let next = work.next();
    for (; next.done !== true; next = work.next()) {
      onProgress(next.value);
      await turn();
    }
    return next.value;
  } catch (error) {
    throw error instanceof DiagnosisError ? new ServiceError(error.message, 'no-diagnosis') : error;
  } finally {
    engine.dispose();
  }
}

interface Diagnosed {
  readonly architecture: Architecture;
  readonly parameters: Tensors;
  readonly data: TaskData;
  readonly step: number;
}

async function modelOf(spec: Spec, weights: DiagnoseRequest['weights'], world: EngineWorld, held: DiagnosisWorld['held'], alive: Checkpointed): Promise<Diagnosed> {
  if (weights.kind === 'live') {
    const training = held(weights.run);
    return { ...liveModel(training), data: training.data };
  }
  if (weights.kind === 'stored') {
    const { architecture, parameters, stored } = storedModel(weights);
    const data = await loadData(spec.task, world.files(weights.dataFolder), { ...(stored && loadOptionsOf(stored)), alive });
    return { architecture, parameters, data, step: weights.step };
  }
  const data = await loadData(spec.task, world.files(weights.dataFolder), { alive });
  const architecture = architectureOf(spec, data.sizes);
  return { architecture, parameters: initialParameters(architecture, spec.training.seed), data, step: 0 };
}
