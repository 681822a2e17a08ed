import { dirname, join, resolve } from 'node:path';
import { cancelFlag, raise } from '../engineHost/cancel';
import { EngineHost, type EngineHostOptions, type Lease } from '../engineHost/host';
import type { Diagnosis, DiagnosisProgress } from '../shared/diagnosis';
import type { CancelFlag, HostService, LiveWeights, StoredWeights } from '../engineHost/service';
import { startTurbo } from '../engineHost/turbo';
import { engineWorkerPath, startNodeWorker } from '../engineHost/workerHandle';
import { RemoteError } from '../shared/rpc';
import type { BatchGradients, RunInfo, RunMetrics, SampleChoice, SampleTrace } from '../shared/run';
import type { ModelWeights } from '../shared/weights';
import { RunError, type BatchGradientsRequest, type CheckOptions, type CheckpointChoice, type DiagnoseRunRequest, type GenerateRequest, type RunChange, type RunsApi, type TraceRequest, type TrainOptions, type Training } from './api';
import { writeAtomically, type WriteFile } from './atomicWrite';
import { diagnosedRun } from './diagnosedRun';
import { checkpointPath, metricsFile, storedSteps } from './folder';
import { readMetrics } from './metricsFile';
import { readInfo, readRecord, unreadableInfo } from './record';
import { resumeRun, runsOf } from './resumeTraining';
import { savedSpec, savedWeights } from './savedModel';
import { preparationError, readSpecText, usableSpec } from './specText';
import { parseSpec } from '../spec/parse';
import type { Spec } from '../spec/schema';
import type { GradientCheck } from '../training/check';
import type { Method } from '../training/generate';
import { readsTokens } from '../training/samples/context';
import { startFresh } from './startTraining';
import { TrainingUnderWay } from './trainingUnderWay';

export interface RunsOptions extends Omit<EngineHostOptions, 'kind'> {
  /** The worker's bundle; default: `engineWorker.js` beside the running bundle. */
  readonly worker?: string;
  /** How the engine runs from its next use on, unless it is at work: in a worker thread, or in a process of its own with V8's flags for speed. */
  readonly engine?: () => 'worker' | 'turbo';
  /** Whether data files that specs name may be read; in VS Code's Restricted Mode they may not. Default: they may. */
  readonly data?: () => 'allowed' | 'restricted';
  /** Hears in a sentence when the engine is other than was asked for. */
  readonly log?: (text: string) => void;
  /** How files are replaced; tests put failing disks here. */
  readonly write?: WriteFile;
}

/** Trains specs in the shared worker and looks after their folders; see `RunsApi`. */
export class Runs implements RunsApi {
  readonly #engines: EngineHost;
  readonly #write: WriteFile;
  readonly #data: () => 'allowed' | 'restricted';
  /** By what the worker calls them. */
  readonly #trainings = new Map<string, TrainingUnderWay>();
  readonly #listeners = new Set<(change: RunChange) => void>();
  readonly #writers = new Map<string, (piece: string) => void>();
  readonly #diagnoses = new Map<string, (progress: DiagnosisProgress) => void>();
  readonly #checks = new Map<string, (done: number) => void>();

  constructor({ worker = engineWorkerPath(), engine = () => 'worker', data = () => 'allowed', log = () => undefined, write = writeAtomically, ...options }: RunsOptions = {}) {
    this.#write = write;
    this.#data = data;
    this.#engines = new EngineHost(() => (engine() === 'turbo' ? startTurbo({ worker, log }) : startNodeWorker(worker)), this.#hostService(log), { ...options, kind: engine });
  }

  async train(specPath: string, options: TrainOptions = {}): Promise<Training> {
    this.#requireData('Training');
    const path = resolve(specPath);
    const lease = this.#engines.lease();
    try {
      const start = options.resume === 'resume' ? resumeRun : startFresh;
      const started = await start({ lease, specPath: path, options, write: this.#write });
      const training = await TrainingUnderWay.begin({ started, lease, write: this.#write, options, onChange: (change) => this.#tell(change) });
      this.#trainings.set(started.key, training);
      const finished = training.run(() => this.#trainings.delete(started.key)).finally(() => lease.release());
      return { info: training.info, warnings: started.warnings, finished, stop: () => training.stop() };
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  async list(specPath: string): Promise<RunInfo[]> {
    const path = resolve(specPath);
    return Promise.all(
      (await runsOf(path)).map((run) => this.read(run).catch(async (error: unknown) => unreadableInfo(run, path, (error as Error).message, await storedSteps(run)))),
    );
  }

  async read(run: string): Promise<RunInfo> {
    return this.#underWay(run)?.info ?? readInfo(resolve(run));
  }

  active(): readonly RunInfo[] {
    return [...this.#trainings.values()].map(({ info }) => info);
  }

  async stop(run: string): Promise<RunInfo> {
    return this.#underWay(run)?.stop() ?? this.read(run);
  }

  async metrics(run: string): Promise<RunMetrics> {
    await this.#underWay(run)?.written();
    const [record, { spec }, curve] = await Promise.all([readRecord(run), savedSpec(run), readMetrics(join(run, metricsFile))]);
    return { ...curve, clip: spec.training.clip, references: record.references };
  }

  async trace({ sample, flow, ...where }: TraceRequest): Promise<SampleTrace> {
    const choice = this.#readable(sample ?? (await defaultSample(where.run)));
    const trace = await this.#inspect(where, ({ engine }, weights, cancel, options) => engine.call('trace', { weights, sample: choice, flow, cancel }, options));
    if (trace.sample.heldOut !== undefined) return trace;
    // A typed text is traced without reading the data; the run's record knows how many samples they hold.
    const heldOut = await readRecord(where.run).then(({ samples }) => samples, () => undefined);
    return { ...trace, sample: { ...trace.sample, heldOut } };
  }

  async gradients({ sample, loss, ...where }: BatchGradientsRequest): Promise<BatchGradients> {
    this.#requireData('Comparing held-out samples');
    const choice = sample ?? (await defaultSample(where.run));
    return this.#inspect(where, ({ engine }, weights, cancel, options) => engine.call('gradients', { weights, sample: choice, loss, cancel }, options));
  }

  async orderDifference({ sample, ...where }: TraceRequest): Promise<number> {
    const choice = this.#readable(sample ?? (await defaultSample(where.run)));
    return this.#inspect(where, ({ engine }, weights, cancel, options) => engine.call('orderDifference', { weights, sample: choice, cancel }, options));
  }

  async weights(where: Omit<TraceRequest, 'sample'>): Promise<ModelWeights> {
    return this.#inspect(where, ({ engine }, weights, cancel, options) => engine.call('weights', { weights, cancel }, options));
  }

  async diagnose({ specPath, run, checkpoint = 'live', onProgress, signal }: DiagnoseRunRequest): Promise<Diagnosis> {
    this.#requireData('A diagnosis');
    const id = crypto.randomUUID();
    if (onProgress) this.#diagnoses.set(id, onProgress);
    try {
      const folder = run ?? (await this.#ownRun(specPath))?.folder;
      if (folder === undefined) return await this.#withoutRun(resolve(specPath), signal, ({ engine }, { spec, dataFolder, cancel }, options) => engine.call('diagnose', { id, spec, weights: { kind: 'initial', dataFolder }, cancel }, options));
      return await this.#inspect({ run: folder, checkpoint, signal }, async ({ engine }, weights, cancel, options) => {
        const step = weights.kind === 'stored' ? weights.step : Infinity;
        return engine.call('diagnose', { id, ...(await diagnosedRun(folder, step)), weights, cancel }, options);
      });
    } finally {
      this.#diagnoses.delete(id);
    }
  }

  async generate({ run, checkpoint = 'live', prompt = '', length = 500, temperature, topK, topP, beam, seed = 1, onText, signal }: GenerateRequest): Promise<string> {
    return this.#withWeights(run, checkpoint, signal, async ({ engine }, weights) => {
      const id = crypto.randomUUID();
      const method: Method = beam === undefined ? { kind: 'sampling', sampling: { temperature: temperature ?? (await defaultTemperature(run, topK ?? topP)), topK, topP }, seed } : { kind: 'beam', width: beam };
      if (onText) this.#writers.set(id, onText);
      try {
        return await engine.call('generate', { id, weights, prompt, length, method }, { signal });
      } finally {
        this.#writers.delete(id);
      }
    });
  }

  async check(specPath: string, { onProgress, signal }: CheckOptions = {}): Promise<GradientCheck> {
    this.#requireData('Checking gradients');
    const id = crypto.randomUUID();
    if (onProgress) this.#checks.set(id, onProgress);
    return this.#withoutRun(resolve(specPath), signal, ({ engine }, given, options) => engine.call('check', { id, ...given }, options)).finally(() => this.#checks.delete(id));
  }

  onDidChange(listener: (change: RunChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#trainings.values()].map((training) => training.stop()));
    this.#engines.terminate('Unroll was closed.');
  }

  /** Ends the worker at once, as a crash would; what it trains fails with this reason and can be resumed. */
  endWorker(reason: string): void {
    this.#engines.terminate(reason);
  }

  /** Asks the engine about weights; a signal that aborts abandons the work in the middle of a step. */
  async #inspect<R>({ run, checkpoint, signal }: Omit<TraceRequest, 'sample'>, ask: (lease: Lease, weights: StoredWeights | LiveWeights, cancel: CancelFlag | undefined, options: { signal?: AbortSignal; transfer: ArrayBuffer[] }) => Promise<R>): Promise<R> {
    return this.#withWeights(run, checkpoint, signal, async (lease, weights) => {
      const cancel = cancelFlag();
      const abandon = (): void => raise(cancel);
      signal?.addEventListener('abort', abandon, { once: true });
      const transfer = weights.kind === 'stored' ? [weights.file.buffer as ArrayBuffer] : [];
      return ask(lease, weights, cancel, { signal, transfer }).finally(() => signal?.removeEventListener('abort', abandon));
    });
  }

  /** The newest run with a checkpoint; one of the spec itself before one of an edit that was tried under another name. */
  async #ownRun(specPath: string): Promise<RunInfo | undefined> {
    const runs = (await this.list(specPath)).filter(({ checkpoints }) => checkpoints.length > 0);
    const name = await readSpecText(resolve(specPath)).then((text) => parseSpec(text).spec?.name, () => undefined);
    return runs.find((run) => run.name === name) ?? runs[0];
  }

  /** Asks the engine about a spec of which no run is needed. */
  async #withoutRun<R>(specPath: string, signal: AbortSignal | undefined, ask: (lease: Lease, given: { readonly spec: Spec; readonly dataFolder: string; readonly cancel: CancelFlag | undefined }, options: { signal?: AbortSignal }) => Promise<R>): Promise<R> {
    const parsed = usableSpec(specPath, await readSpecText(specPath));
    const dataFolder = dirname(specPath);
    const lease = this.#engines.lease();
    const cancel = cancelFlag();
    const abandon = (): void => raise(cancel);
    signal?.addEventListener('abort', abandon, { once: true });
    try {
      return await ask(lease, { spec: parsed.spec, dataFolder, cancel }, { signal });
    } catch (error) {
      throw await preparationError(error, specPath, dataFolder, parsed);
    } finally {
      signal?.removeEventListener('abort', abandon);
      lease.release();
    }
  }

  /** Throws a RunError when data files may not be read, as in Restricted Mode. */
  #requireData(what: string): void {
    if (this.#data() === 'restricted') throw new RunError(`${what} is off in Restricted Mode, because it reads the data files that a spec names. Trust this workspace to allow it.`, 'restricted');
  }

  /** A typed sample needs no data. */
  #readable(choice: SampleChoice): SampleChoice {
    if (choice.kind === 'held-out') this.#requireData('Looking at held-out samples');
    return choice;
  }

  #underWay(run: string): TrainingUnderWay | undefined {
    const folder = resolve(run);
    return [...this.#trainings.values()].find(({ info }) => info.folder === folder);
  }

  /** Hands over live or stored weights with a lease of the engine, and tells failures in a person's words. */
  async #withWeights<R>(run: string, choice: CheckpointChoice, signal: AbortSignal | undefined, act: (lease: Lease, weights: StoredWeights | LiveWeights) => Promise<R>): Promise<R> {
    signal?.throwIfAborted();
    const live = choice === 'live' ? this.#underWay(run) : undefined;
    const weights = live ? ({ kind: 'live', run: live.key } as const) : await savedWeights(run, choice === 'live' ? 'latest' : choice);
    const lease = this.#engines.lease();
    try {
      return await act(lease, weights);
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error;
      // The training ended while it was asked.
      if (live && error.code === 'run-missing') return await this.#withWeights(run, 'latest', signal, act);
      throw weights.kind === 'stored' ? storedError(error, weights, run) : new RunError(error.message, error.code ?? 'engine');
    } finally {
      lease.release();
    }
  }

  #tell(change: RunChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  #hostService(log: (text: string) => void): HostService {
    return {
      log: ({ text }) => log(text),
      steps: (batch) => this.#trainings.get(batch.run)?.steps(batch),
      evaluation: ({ run, ...evaluation }) => this.#trainings.get(run)?.evaluation(evaluation),
      checkpoint: async ({ run, step, file }) => this.#trainings.get(run)?.checkpoint(step, file),
      text: ({ id, piece }) => this.#writers.get(id)?.(piece),
      diagnosing: ({ id, progress }) => this.#diagnoses.get(id)?.(progress),
      checking: ({ id, done }) => this.#checks.get(id)?.(done),
    };
  }
}

/** The spec's own sample, or else the beginning of the held-out data. */
async function defaultSample(run: string): Promise<SampleChoice> {
  const [{ spec }, record] = await Promise.all([savedSpec(run), readRecord(run)]);
  const text = readsTokens(spec.task) ? (spec.inspect?.text ?? record.sample) : undefined;
  return text === undefined ? { kind: 'held-out', index: 0 } : { kind: 'text', text };
}

/** A text is drawn; a translation is looked for, unless what to draw among is said. */
async function defaultTemperature(run: string, among: number | undefined): Promise<number> {
  return among === undefined && (await savedSpec(run)).spec.task.kind === 'translation' ? 0 : 0.8;
}

function storedError(error: RemoteError, { step }: StoredWeights, run: string): RunError {
  const path = checkpointPath(run, step);
  switch (error.code) {
    case 'checkpoint-corrupt':
      return new RunError(`The checkpoint ${path} is damaged. ${error.message} The other checkpoints of the run can still be used.`, error.code);
    case 'data-vocabulary':
      return new RunError(`${join(run, 'vocabulary.json')}: ${error.message}`, 'run-corrupt');
    default:
      return new RunError(error.message, error.code ?? 'engine');
  }
}
