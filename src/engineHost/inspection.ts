import { loadData } from '../data/load';
import { parseStoredData } from '../data/parseStored';
import { loadOptionsOf } from '../data/stored';
import type { TaskData } from '../data/task';
import type { Checkpointed, Engine, TraceOptions } from '../engine/engine';
import type { BatchGradients, SampleChoice, SampleTrace } from '../shared/run';
import type { Tensors } from '../shared/tensor';
import type { Architecture } from '../spec/architecture';
import type { TrainingSpec } from '../spec/schema';
import { sampleContext } from '../training/samples/context';
import { largestStateDifference } from '../training/samples/stateDifference';
import { traceGradientBatch, type LossChoice } from '../training/samples/gradientBatch';
import { chooseSample, traceSample } from '../training/samples/traceSample';
import type { HeldTraining } from './heldTraining';
import type { StoredWeights } from './service';
import { storedModel, type StoredModel } from './storedModel';
import type { EngineWorld } from './world';

/** What to look at. */
export interface InspectionRequest {
  readonly choice: SampleChoice;
  readonly flow?: TraceOptions['flow'];
  readonly alive: Checkpointed;
  readonly now: () => number;
}

/** A model at a step, with what its samples mean and come from. */
export interface InspectedModel extends StoredModel {
  readonly step: number;
  readonly data?: TaskData;
}

/** What a training has now, its parameters copied. */
export function liveModel({ task, stored, data, engine, step }: HeldTraining): InspectedModel {
  return { task, stored, data, step, architecture: engine.architecture, parameters: engine.parameters() };
}

/** Traces a sample with the weights that a training has now. */
export function traceLive({ engine, step, task, stored, data }: HeldTraining, request: InspectionRequest): SampleTrace {
  return traceSample({ ...request, engine, step, data, context: sampleContext(task, stored) });
}

/** The gradients of held-out sequences with the weights that a training has now. */
export function gradientsLive({ engine, step, task, stored, data }: HeldTraining, request: InspectionRequest, loss: LossChoice): BatchGradients {
  const { sample } = chooseSample({ ...request, engine, data, context: sampleContext(task, stored) });
  return traceGradientBatch({ ...request, engine, data, step, loss, like: sample.batch });
}

/**
 * Traces samples with stored weights. The engine of the last network and the data of the last run are kept, so
 * that going through its checkpoints and samples makes and reads nothing anew.
 */
export class StoredInspection {
  #engine: { readonly key: string; readonly engine: Engine } | undefined;
  #data: { readonly key: string; readonly data: TaskData } | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(readonly world: EngineWorld) {}

  /** Throws what reading the run's files or its data does. */
  trace(weights: StoredWeights, request: InspectionRequest): Promise<SampleTrace> {
    return this.#withEngine(weights, request, async (engine, { task, stored }) => {
      const data = await this.#dataFor(weights, request);
      return traceSample({ ...request, engine, step: weights.step, data, context: sampleContext(task, stored) });
    });
  }

  /** The gradients of held-out sequences that are as long as a sample; reads the data. Throws as `trace` does. */
  gradients(weights: StoredWeights, request: InspectionRequest, loss: LossChoice): Promise<BatchGradients> {
    return this.#withEngine(weights, request, async (engine, { task, stored }) => {
      const data = await this.#loaded(weights, request);
      const { sample } = chooseSample({ ...request, engine, data, context: sampleContext(task, stored) });
      return traceGradientBatch({ ...request, engine, data, step: weights.step, loss, like: sample.batch });
    });
  }

  /** One after the other, because there is one engine. */
  #withEngine<R>(weights: StoredWeights, request: InspectionRequest, act: (engine: Engine, model: StoredModel) => Promise<R>): Promise<R> {
    const result = this.#queue.then(async () => {
      request.alive();
      const model = storedModel(weights);
      const engine = await this.#engineFor(model.architecture, weights.spec.training);
      engine.setParameters(model.parameters);
      return act(engine, model);
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** A stored model with the data that its sample needs. */
  async modelOf(weights: StoredWeights, request: InspectionRequest): Promise<InspectedModel> {
    return { ...storedModel(weights), step: weights.step, data: await this.#dataFor(weights, request) };
  }

  /** Largest |Δh| between the hidden states of a sample traced layer by layer and timestep by timestep, over all layers. */
  async orderDifference(model: InspectedModel, request: InspectionRequest): Promise<number> {
    const states: Tensors[] = [];
    for (const order of ['layer-major', 'time-major'] as const) {
      const engine = await this.world.createEngine(model.architecture, { order });
      try {
        engine.setParameters(model.parameters);
        states.push(traceSample({ ...request, engine, step: model.step, data: model.data, context: sampleContext(model.task, model.stored) }).tensors);
      } finally {
        engine.dispose();
      }
    }
    const [first, second] = states;
    return first && second ? largestStateDifference(first, second) : 0;
  }

  /** The data, where the sample is one of them; typed samples do without, so that a run can be looked at whose data are gone. */
  async #dataFor(weights: StoredWeights, request: InspectionRequest): Promise<TaskData | undefined> {
    return request.choice.kind === 'text' && this.#data?.key !== dataKey(weights) ? undefined : this.#loaded(weights, request);
  }

  async #loaded(weights: StoredWeights, { alive }: InspectionRequest): Promise<TaskData> {
    const key = dataKey(weights);
    if (this.#data?.key === key) return this.#data.data;
    const { spec: { task }, dataFolder, vocabulary } = weights;
    const earlier = vocabulary === undefined ? {} : loadOptionsOf(parseStoredData(vocabulary));
    const data = await loadData(task, this.world.files(dataFolder), { ...earlier, alive });
    this.#data = { key, data };
    return data;
  }

  async #engineFor(architecture: Architecture, { order }: Pick<TrainingSpec, 'order'>): Promise<Engine> {
    const key = JSON.stringify([architecture, order]);
    if (this.#engine?.key === key) return this.#engine.engine;
    const engine = await this.world.createEngine(architecture, { order });
    this.#engine?.engine.dispose();
    this.#engine = { key, engine };
    return engine;
  }
}

function dataKey({ spec: { task }, dataFolder, vocabulary }: StoredWeights): string {
  return JSON.stringify([task, dataFolder, vocabulary]);
}
