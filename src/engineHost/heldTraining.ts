import { loadData } from '../data/load';
import { formatStoredData, loadOptionsOf, storedData, type StoredData } from '../data/stored';
import type { TaskData } from '../data/task';
import { decode } from '../data/vocabulary';
import type { Engine } from '../engine/engine';
import { initialParameters } from '../engine/initialise';
import { expectRoom } from '../engine/memoryNeed';
import type { Remote } from '../shared/rpc';
import { decodeSafetensors, encodeSafetensors } from '../shared/safetensors';
import { sizeOf } from '../shared/tensor';
import { architectureOf, parameterShapes, type Architecture, type DataSizes } from '../spec/architecture';
import type { Spec, TaskSpec, TrainingSpec } from '../spec/schema';
import { runTraining, type LoopHooks, type Outcome } from '../training/trainingLoop';
import { TrainingSession } from '../training/trainingSession';
import { aliveUntil, isRaised } from './cancel';
import { ServiceError } from './failures';
import type { HostService, Prepared, PrepareRequest } from './service';
import { StepBatcher } from './stepBatcher';
import type { Turns } from './turns';
import type { EngineWorld } from './world';

/** A checkpoint at least once a minute, unless the spec sets its own beat: what a crash may cost. */
const storeAfter = 60_000;

/** One training that the worker holds, from `prepare` to `release`. */
export class HeldTraining {
  readonly task: TaskSpec;
  readonly #training: TrainingSpec;
  readonly #world: EngineWorld;
  readonly #requested: () => boolean;
  #stopped = false;

  private constructor(
    readonly run: string,
    readonly session: TrainingSession,
    readonly prepared: Prepared,
    readonly data: TaskData,
    /** What the run stores about its data. */
    readonly stored: StoredData | undefined,
    world: EngineWorld,
    { spec, cancel }: PrepareRequest,
  ) {
    this.task = spec.task;
    this.#training = spec.training;
    this.#world = world;
    const raised = isRaised(cancel);
    this.#requested = () => this.#stopped || raised();
  }

  /** Loads the data, makes the engine, and restores the checkpoint to go on from. */
  static async prepare(request: PrepareRequest, world: EngineWorld, signal: AbortSignal): Promise<HeldTraining> {
    const { spec, dataFolder, resume } = request;
    const raised = isRaised(request.cancel);
    const alive = aliveUntil(() => signal.aborted || raised(), () => world.heartbeat());
    const earlier = request.vocabulary === undefined ? {} : loadOptionsOf((await import('../data/parseStored')).parseStoredData(request.vocabulary));
    const data = await loadData(spec.task, world.files(dataFolder), { ...earlier, alive });
    alive();
    const architecture = sizedArchitecture(spec, data.sizes);
    expectRoom(architecture, ...batchShape(spec, data));
    const engine = await world.createEngine(architecture, { threads: spec.training.threads, order: spec.training.order });
    try {
      if (!resume) engine.setParameters(initialParameters(architecture, spec.training.seed));
      const session = new TrainingSession({ training: spec.training, data, engine, resume: resume && decodeSafetensors(resume).tensors });
      const stored = storedData(data);
      const prepared: Prepared = {
        parameters: parameterShapes(architecture).reduce((sum, { shape }) => sum + sizeOf(shape), 0),
        step: session.progress.step,
        steps: session.cadence.steps,
        loss: data.sizes.loss,
        vocabulary: stored && formatStoredData(stored),
        vocabularySize: data.vocabulary?.tokens.length,
        sample: spec.task.kind === 'language-model' ? sampleOf(data) : undefined,
        samples: data.samples?.count,
        references: data.references,
        engine: engine.name,
      };
      return new HeldTraining(request.run, session, prepared, data, stored, world, request);
    } catch (error) {
      engine.dispose();
      throw error;
    }
  }

  get engine(): Engine {
    return this.session.engine;
  }

  get step(): number {
    return this.session.progress.step;
  }

  stop(): void {
    this.#stopped = true;
  }

  async train(turns: Turns, host: Remote<HostService>): Promise<Outcome> {
    const { run } = this;
    const steps = new StepBatcher((columns, tokensPerSecond) => host.notify('steps', { run, columns, tokensPerSecond }), () => this.#world.now());
    const hooks: LoopHooks = {
      turn: () => {
        steps.flushIfDue();
        return turns.next();
      },
      alive: aliveUntil(this.#requested, () => this.#world.heartbeat()),
      stopRequested: this.#requested,
      now: () => this.#world.now(),
      onStep: (result, tokensPerSecond, seconds) => steps.add(result, tokensPerSecond, seconds),
      onEvaluation: (step, validationLoss) => {
        steps.flush();
        host.notify('evaluation', { run, step, validationLoss });
      },
      store: async (step, checkpoint) => {
        steps.flush();
        const file = encodeSafetensors(checkpoint, { format: 'unroll checkpoint', step: String(step) });
        await host.call('checkpoint', { run, step, file }, { transfer: [file.buffer] });
      },
    };
    const { clip, checkpointEvery, patience } = this.#training;
    const options = {
      clipped: clip ? ('clips' as const) : ('does-not-clip' as const),
      storeAfter: checkpointEvery === undefined ? storeAfter : undefined,
      storeBest: patience === undefined ? ('on-beat-only' as const) : ('store-best' as const),
    };
    try {
      return await runTraining(this.session, hooks, options);
    } finally {
      steps.flush();
    }
  }

  release(): void {
    this.stop();
    this.engine.dispose();
  }
}

/** What is known of a batch before one is made. Windows are no more than there are data for: too many are told of as such. */
function batchShape({ task, training: { batch, window } }: Spec, { positions }: TaskData): readonly [steps: number, sequences: number] {
  if (task.kind === 'synthetic') return [task.length, batch];
  if (task.kind !== 'language-model' && task.kind !== 'forecast') return [1, batch];
  return [window, Math.min(batch, Math.floor(positions.training / window))];
}

/** The network on data of these sizes. A misfit that only the data reveal tells the sizes, so that the host can say where in the spec it is. */
function sizedArchitecture(spec: Spec, sizes: DataSizes): Architecture {
  try {
    return architectureOf(spec, sizes);
  } catch (error) {
    throw new ServiceError((error as Error).message, 'sizes', { sizes });
  }
}

/** The beginning of the held-out text (of the training text, when nothing is held out). */
function sampleOf({ samples, vocabulary }: TaskData): string | undefined {
  return samples && vocabulary && decode(samples.at(0).batch.inputs, vocabulary);
}
