import { mean } from 'd3-array';
import type { ComparedModel } from '../shared/comparison';
import { flowByLag, reachOf } from '../shared/flow';
import { AbortError } from '../shared/rpc';
import type { RunInfo, SampleChoice, SampleTrace } from '../shared/run';
import type { TaskSpec } from '../spec/schema';
import { comparedModel } from '../training/comparison';
import { readsTokens } from '../training/samples/context';
import type { RunsApi } from './api';
import { readRecord, isActive } from './record';
import { savedSpec } from './savedModel';

/** Runs to compare. */
export interface ComparisonRequest {
  /** Folders of the runs, in the order they are shown. */
  readonly runs: readonly string[];
  /** What to call them, by folder; default: the model's name, with the run's id where two have the same. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Text that all of them read for the gradient by lag; default: the sample of the first, for language models. */
  readonly text?: string;
  readonly signal?: AbortSignal;
}

export interface Comparison {
  readonly models: readonly ComparedModel[];
  /** What they read for the gradient by lag; absent where each read the first held-out samples of its own data. */
  readonly text?: string;
}

/** Held-out samples that the gradient by lag is a mean over: a single one of a few steps, or with one loss, says little. */
const lagSamples = 8;

type Lags = Pick<ComparedModel, 'lags' | 'reach' | 'noLags'>;

/** Puts runs side by side; remembers what the engine had to work out, so that asking again while others train is cheap. */
export class RunComparer {
  readonly #runs: Pick<RunsApi, 'read' | 'metrics' | 'trace'>;
  readonly #lags = new Map<string, Lags>();

  constructor(runs: Pick<RunsApi, 'read' | 'metrics' | 'trace'>) {
    this.#runs = runs;
  }

  /** Rejects with a RunError when a run cannot be read, with an AbortError when the signal aborted. */
  async compare({ runs, labels, text, signal }: ComparisonRequest): Promise<Comparison> {
    const read = await Promise.all(runs.map(async (run) => ({ info: await this.#runs.read(run), record: await readRecord(run), spec: (await savedSpec(run)).spec, metrics: await this.#runs.metrics(run) })));
    const names = labelsOf(read.map(({ info }) => info), labels);
    const [first] = read;
    const shared = text ?? (first?.spec.task.kind === 'language-model' ? (first.spec.inspect?.text ?? first.record.sample) : undefined);
    const models: ComparedModel[] = [];
    for (const [index, { info, record, spec, metrics }] of read.entries()) {
      const model = comparedModel({ label: names[index] ?? info.name, info, spec, lossKind: record.lossKind, ...metrics });
      models.push({ ...model, ...(await this.#lagsOf(info, samplesOf(spec.task, text, shared), signal)) });
    }
    return { models, text: shared };
  }

  async #lagsOf(info: RunInfo, samples: readonly SampleChoice[], signal: AbortSignal | undefined): Promise<Lags> {
    if (isActive(info.state)) return { noLags: 'It is still training.' };
    if (info.checkpoints.length === 0) return { noLags: 'It has no checkpoint.' };
    const key = JSON.stringify([info.folder, info.checkpoints.at(-1), samples]);
    const known = this.#lags.get(key);
    if (known) return known;
    const lags = await this.#traced(info.folder, samples, signal).then(meanLags, (error: unknown) => {
      if (error instanceof AbortError || signal?.aborted) throw error;
      return { noLags: (error as Error).message };
    });
    this.#lags.set(key, lags);
    return lags;
  }

  /** Flow by lag in each sample, as far as there are so many. */
  async #traced(run: string, samples: readonly SampleChoice[], signal: AbortSignal | undefined): Promise<Float64Array[]> {
    const curves: Float64Array[] = [];
    for (const sample of samples) {
      const trace = await this.#runs.trace({ run, checkpoint: 'latest', sample, signal });
      curves.push(lagsOf(trace));
      if (sample.kind === 'held-out' && sample.index + 1 >= (trace.sample.heldOut ?? 0)) break;
    }
    return curves;
  }
}

/** What a run reads: the text that was asked for or that language models share, else the first samples of its own. */
function samplesOf(task: TaskSpec, asked: string | undefined, shared: string | undefined): readonly SampleChoice[] {
  const text = task.kind === 'language-model' ? shared : readsTokens(task) ? asked : undefined;
  if (text !== undefined) return [{ kind: 'text', text }];
  return Array.from({ length: task.kind === 'language-model' ? 1 : lagSamples }, (_, index) => ({ kind: 'held-out', index }));
}

/** Mean flow by lag of a trace's lowest layer (of the decoder, whose steps are those of the losses). */
function lagsOf({ tensors, layers, answer }: SampleTrace): Float64Array {
  const lowest = layers.find(({ reads }) => reads === 'tokens');
  const flow = tensors.get(`${lowest?.prefix}.forward.flow`);
  if (!flow) throw new Error('Its trace has no flow.');
  const [rows = 0, columns = 0] = flow.shape;
  return flowByLag({ losses: answer === 'end' ? 'last-step' : 'every-step', rows, columns, data: Float64Array.from(flow.data, Number) }, 'forward');
}

/** Mean over the samples that are long enough for a lag. */
function meanLags(curves: readonly Float64Array[]): Lags {
  const lags = Array.from({ length: Math.max(0, ...curves.map(({ length }) => length)) }, (_, lag) => mean(curves.flatMap((curve) => curve[lag] ?? [])) ?? 0);
  return { lags, reach: reachOf(lags) };
}

function labelsOf(infos: readonly RunInfo[], given: Readonly<Record<string, string>> = {}): string[] {
  return infos.map((info) => {
    const sameName = infos.filter(({ name, folder }) => name === info.name && given[folder] === undefined).length > 1;
    return given[info.folder] ?? (sameName ? `${info.name} ${info.id}` : info.name);
  });
}
