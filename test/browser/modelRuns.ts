import { languageModelData } from '../../src/data/languageModel';
import { decode, encode, type Vocabulary } from '../../src/data/vocabulary';
import type { Engine } from '../../src/engine/engine';
import { initialParameters } from '../../src/engine/initialise';
import { createReferenceEngine } from '../../src/engine/reference/referenceEngine';
import type { BatchGradientsRequest, RunChange, TraceRequest } from '../../src/runs/api';
import { RunError } from '../../src/runs/api';
import type { Diagnosis } from '../../src/shared/diagnosis';
import type { BatchGradients, RunInfo, RunMetrics, SampleTrace } from '../../src/shared/run';
import type { Tensors } from '../../src/shared/tensor';
import type { ModelWeights } from '../../src/shared/weights';
import { architectureOf } from '../../src/spec/architecture';
import { specSchema, type Spec } from '../../src/spec/schema';
import { sampleContext } from '../../src/training/samples/context';
import { largestStateDifference } from '../../src/training/samples/stateDifference';
import { traceGradientBatch } from '../../src/training/samples/gradientBatch';
import { chooseSample, traceSample } from '../../src/training/samples/traceSample';
import { recurrentSpectra } from '../../src/training/spectrum';
import type { InspectorRuns } from '../../src/views/inspectorService';

/** The first sentences of Moby Dick, to learn from. */
export const mobyDick =
  'Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in my purse, and nothing particular to interest me on shore, I thought I would sail about a little and see the watery part of the world. It is a way I have of driving off the spleen and regulating the circulation. Whenever I find myself growing grim about the mouth; whenever it is a damp, drizzly November in my soul; whenever I find myself involuntarily pausing before coffin warehouses, and bringing up the rear of every funeral I meet.';

export const sample = 'Call me Ishmael. Some years ago, never mind how long precisely';

export const specPath = '/models/moby.rnn.json';

/** Text of the spec that the runs below follow. */
export function specText(layers: readonly object[], more: object = {}): string {
  return JSON.stringify({
    version: 1,
    name: 'moby',
    task: { kind: 'language-model', data: 'moby.txt', tokens: 'char' },
    model: { layers },
    training: { optimizer: { kind: 'adam', learningRate: 0.01 }, clip: { kind: 'norm', threshold: 1 }, batch: 4, window: 24, steps: 40 },
    inspect: { text: sample },
    ...more,
  });
}

/** A model that was really trained a little, in this process, with the plain engine; its checkpoints are kept in memory. */
export class ModelRuns implements InspectorRuns {
  readonly vocabulary: Vocabulary = { kind: 'char', tokens: [...new Set(mobyDick)].sort() };
  readonly engine: Engine;
  private readonly spec: Spec;
  private readonly stored = new Map<number, Tensors>();
  private readonly events: { step: number; loss: number; gradNorm: number; clipped: boolean }[] = [];
  private readonly listeners = new Set<(change: RunChange) => void>();
  /** Steps that the page has heard of. */
  private told = 0;
  /** What `list` answers; tests change it. */
  infos: RunInfo[];
  /** How often a trace was asked for. */
  traces: TraceRequest[] = [];

  constructor(
    layers: readonly object[],
    /** What a trace reads unless it is told. */
    private readonly text = sample,
  ) {
    this.spec = specSchema.parse(JSON.parse(specText(layers)));
    const kinds = this.vocabulary.tokens.length;
    const architecture = architectureOf(this.spec, { input: { kind: 'tokens', vocabulary: kinds }, outputs: kinds, loss: 'tokens' });
    this.engine = createReferenceEngine(architecture);
    this.engine.setParameters(initialParameters(architecture, 1));
    this.infos = [this.info('done')];
  }

  /** Trains on until `steps` updates were made, storing the weights at each of `checkpoints`. */
  train(steps: number, checkpoints: readonly number[]): this {
    const tokens = encode(mobyDick, this.vocabulary);
    const [window, sequences] = [24, 4];
    for (let step = this.events.length; step <= steps; step++) {
      if (checkpoints.includes(step)) this.stored.set(step, this.engine.parameters());
      if (step === steps) break;
      const at = (t: number, b: number): number => tokens[(step * 17 + b * 113 + t) % tokens.length] ?? 0;
      const fill = (offset: number): Int32Array => Int32Array.from({ length: window * sequences }, (_, index) => at(Math.floor(index / sequences) + offset, index % sequences));
      const report = this.engine.step({ steps: window, sequences, inputs: fill(0), targets: fill(1) }, { optimizer: this.spec.training.optimizer, clip: this.spec.training.clip });
      this.events.push({ step: step + 1, ...report });
    }
    this.infos = [this.info('done')];
    return this;
  }

  info(state: RunInfo['state'], more: Partial<RunInfo> = {}): RunInfo {
    const last = this.events.at(-1);
    return {
      id: 'run-1',
      folder: '/models/.unroll/moby/run-1',
      specPath,
      name: 'moby',
      state,
      step: last?.step ?? 0,
      steps: last?.step ?? 40,
      loss: last?.loss,
      gradNorm: last?.gradNorm,
      parameters: 1000,
      startedAt: Date.parse('2026-03-01T16:40:00'),
      checkpoints: [...this.stored.keys()],
      ...more,
    };
  }

  /** Tells the page that a run went on, with the steps that it has not heard of. */
  tell(info: RunInfo): void {
    const columns = this.columns(this.told);
    this.told = this.events.length;
    this.infos = [info, ...this.infos.filter(({ folder }) => folder !== info.folder)];
    for (const listener of this.listeners) listener({ info, columns });
  }

  async list(): Promise<RunInfo[]> {
    return this.infos;
  }

  async metrics(): Promise<RunMetrics> {
    this.told = this.events.length;
    const kinds = this.vocabulary.tokens.length;
    return {
      columns: this.columns(0),
      evaluations: this.events.filter(({ step }) => step % 20 === 0).map(({ step, loss }) => ({ step, validationLoss: loss + 0.1 })),
      clip: { kind: 'norm', threshold: 1 },
      references: [{ label: `knows nothing: ln ${kinds}`, loss: Math.log(kinds) }],
    };
  }

  private columns(from: number): RunMetrics['columns'] {
    const events = this.events.slice(from);
    const column = (read: (event: (typeof events)[number]) => number): Float64Array => Float64Array.from(events, read);
    return { step: column(({ step }) => step), loss: column(({ loss }) => loss), gradNorm: column(({ gradNorm }) => gradNorm), clipped: Uint8Array.from(events, ({ clipped }) => Number(clipped)), learningRate: column(() => 0.01) };
  }

  async trace(request: TraceRequest): Promise<SampleTrace> {
    this.traces.push(request);
    return this.traceNow(request);
  }

  /** The trace that the page should show, for tests to compare with. */
  traceNow({ checkpoint, flow, sample: choice = { kind: 'text', text: this.text } }: Pick<TraceRequest, 'checkpoint' | 'sample' | 'flow'>): SampleTrace {
    const step = this.useWeights(checkpoint);
    return traceSample({ engine: this.engine, context: sampleContext(this.spec.task, this.vocabulary), choice, step, flow, now: () => performance.now() });
  }

  private useWeights(checkpoint: TraceRequest['checkpoint']): number {
    const step = typeof checkpoint === 'number' ? checkpoint : Math.max(...this.stored.keys());
    const weights = this.stored.get(step);
    if (!weights) throw new RunError(`There is no checkpoint of step ${step}.`, 'checkpoint-missing');
    this.engine.setParameters(weights);
    return step;
  }

  async gradients({ checkpoint, loss, sample: choice = { kind: 'text', text: this.text } }: BatchGradientsRequest): Promise<BatchGradients> {
    return this.gradientsNow({ checkpoint, loss, sample: choice });
  }

  /** The batch that the page should show beside a trace. */
  gradientsNow({ checkpoint, loss, sample: choice = { kind: 'text', text: this.text } }: Pick<BatchGradientsRequest, 'checkpoint' | 'loss' | 'sample'>): BatchGradients {
    const step = this.useWeights(checkpoint);
    const { engine } = this;
    const data = languageModelData(Int32Array.from(encode(mobyDick.repeat(4), this.vocabulary)), this.vocabulary, 0.9);
    const { sample: like } = chooseSample({ engine, context: sampleContext(this.spec.task, this.vocabulary), choice });
    return traceGradientBatch({ engine, data, like: like.batch, loss, step });
  }

  async weights({ checkpoint }: Pick<TraceRequest, 'checkpoint'>): Promise<ModelWeights> {
    const step = typeof checkpoint === 'number' ? checkpoint : Math.max(...this.stored.keys());
    const tensors = this.stored.get(step);
    if (!tensors) throw new RunError(`There is no checkpoint of step ${step}.`, 'checkpoint-missing');
    return { step, tensors, spectra: await recurrentSpectra(this.engine.architecture, tensors) };
  }

  /** The largest difference between the traces of both orders, as the extension computes it. */
  async orderDifference({ checkpoint, sample: choice = { kind: 'text', text: this.text } }: TraceRequest): Promise<number> {
    const { architecture } = this.engine;
    const [first, second] = (['layer-major', 'time-major'] as const).map((order) => {
      const engine = createReferenceEngine(architecture, { order });
      engine.setParameters(this.stored.get(typeof checkpoint === 'number' ? checkpoint : Math.max(...this.stored.keys())) ?? new Map());
      return traceSample({ engine, context: sampleContext(this.spec.task, this.vocabulary), choice, step: 0, now: () => performance.now() }).tensors;
    });
    return largestStateDifference(first ?? new Map(), second ?? new Map());
  }

  /** Models that live in memory have no data to be diagnosed on. */
  async diagnose(): Promise<Diagnosis> {
    throw new RunError('This model has no data to be diagnosed on.', 'no-diagnosis');
  }

  /** Puts weights in place of the newest ones. */
  store(step: number, parameters: Tensors): void {
    this.stored.set(step, parameters);
    this.infos = [this.info('done')];
  }

  async stop(): Promise<RunInfo> {
    return this.info('stopped');
  }

  onDidChange(listener: (change: RunChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The characters behind token numbers. */
  read(numbers: ArrayLike<number>): string {
    return decode(numbers, this.vocabulary);
  }
}

/** One number of a trace tensor [T, 1, H] or [P, T]. */
export function numberAt(trace: SampleTrace, name: string, row: number, column: number): number {
  const tensor = trace.tensors.get(name);
  if (!tensor) throw new Error(`no ${name}`);
  return Number(tensor.data[row * tensor.shape.at(-1)! + column]);
}
