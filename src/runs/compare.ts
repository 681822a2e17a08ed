import type { ComparedModel } from '../shared/comparison';
import { flowByLag, reachOf } from '../shared/flow';
import { AbortError } from '../shared/rpc';
import type { RunInfo, TextTrace } from '../shared/run';
import { comparedModel } from '../training/comparison';
import type { RunsApi } from './api';
import { readRecord, isActive } from './record';
import { savedSpec } from './savedModel';

/** Runs to compare. */
export interface ComparisonRequest {
  /** Folders of the runs, in the order they are shown. */
  readonly runs: readonly string[];
  /** What to call them, by folder; default: the model's name, with the run's id where two have the same. */
  readonly labels?: ReadonlyMap<string, string>;
  /** Text that all of them read for the gradient by lag; default: the sample of the first. */
  readonly text?: string;
  readonly signal?: AbortSignal;
}

export interface Comparison {
  readonly models: readonly ComparedModel[];
  /** What they read for the gradient by lag, where they read texts. */
  readonly text?: string;
}

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
    const sample = text ?? first?.spec.inspect?.text ?? first?.record.sample;
    const models: ComparedModel[] = [];
    for (const [index, { info, record, spec, metrics }] of read.entries()) {
      const model = comparedModel({ label: names[index] ?? info.name, info, spec, lossKind: record.lossKind, ...metrics });
      models.push({ ...model, ...(await this.#lagsOf(info, sample, signal)) });
    }
    return { models, text: sample };
  }

  async #lagsOf(info: RunInfo, text: string | undefined, signal: AbortSignal | undefined): Promise<Lags> {
    if (isActive(info.state)) return { noLags: 'It is still training.' };
    if (info.checkpoints.length === 0) return { noLags: 'It has no checkpoint.' };
    if (text === undefined) return { noLags: 'Its task reads no text.' };
    const key = JSON.stringify([info.folder, info.checkpoints.at(-1), text]);
    const known = this.#lags.get(key);
    if (known) return known;
    const lags = await this.#runs.trace({ run: info.folder, checkpoint: 'latest', text, signal }).then(lagsOf, (error: unknown) => {
      if (error instanceof AbortError || signal?.aborted) throw error;
      return { noLags: (error as Error).message };
    });
    this.#lags.set(key, lags);
    return lags;
  }
}

/** Mean flow by lag of a trace's lowest layer. */
function lagsOf({ tensors, targets }: TextTrace): Lags {
  const flow = tensors.get('layer0.forward.flow');
  if (!flow) return { noLags: 'Its trace has no flow.' };
  const [rows = 0, columns = 0] = flow.shape;
  // The last step of a text predicts nothing: it has no loss, hence no row.
  const byLag = flowByLag({ losses: 'every-step', rows: Math.min(rows, targets.length), columns, data: Float64Array.from(flow.data, Number) }, 'forward');
  return { lags: [...byLag], reach: reachOf(byLag) };
}

function labelsOf(infos: readonly RunInfo[], given: ReadonlyMap<string, string> = new Map()): string[] {
  return infos.map((info) => {
    const sameName = infos.filter(({ name, folder }) => name === info.name && !given.has(folder)).length > 1;
    return given.get(info.folder) ?? (sameName ? `${info.name} ${info.id}` : info.name);
  });
}
