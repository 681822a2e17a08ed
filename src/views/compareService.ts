import { z } from 'zod';
import { RunComparer } from '../runs/compare';
import type { RunsApi } from '../runs/api';
import type { ComparedModel, CompareHostService, CompareTarget, ComparisonView, CompareViewService } from '../shared/comparison';
import { connect, type Remote, type Transport } from '../shared/rpc';
import { cellVerdict } from '../training/cellVerdict';
import { trySentence } from '../diagnosis/tryVerdict';
import { isUnderWay } from './runText';

/** The part of the runs that a comparison is made from. */
export type ComparedRuns = Pick<RunsApi, 'read' | 'metrics' | 'trace' | 'onDidChange'>;

const targetSchema = z.object({
  title: z.string(),
  runs: z.array(z.string()).min(1),
  labels: z.record(z.string(), z.string()).optional(),
  kind: z.union([z.literal('runs'), z.object({ cells: z.number() }), z.object({ tried: z.string() })]),
});

/** What a page has kept of its target; undefined for anything else. */
export function restoredTarget(state: unknown): CompareTarget | undefined {
  return targetSchema.safeParse(state).data;
}

/** Pages ask again at most this often while a run trains, in milliseconds. */
const beat = 1000;

/** Serves the page of a comparison; lives as long as its panel. */
export class CompareSession {
  readonly #view: Remote<CompareViewService>;
  readonly #comparer: RunComparer;
  readonly #stopListening: () => void;
  #target: CompareTarget;
  #timer: NodeJS.Timeout | undefined;

  constructor(target: CompareTarget, runs: ComparedRuns, transport: Transport) {
    this.#target = target;
    this.#comparer = new RunComparer(runs);
    const service: CompareHostService = { comparison: (_, signal) => this.#comparison(signal) };
    this.#view = connect<CompareViewService>(transport, service);
    this.#stopListening = runs.onDidChange(({ info }) => {
      if (!this.#target.runs.includes(info.folder)) return;
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#view.notify('changed', { what: 'progress' });
      }, beat);
    });
  }

  /** Shows other runs in the same panel. */
  show(target: CompareTarget): void {
    this.#target = target;
    this.#view.notify('changed', { what: 'target' });
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#stopListening();
    this.#view.close('The comparison was closed.');
  }

  async #comparison(signal: AbortSignal): Promise<ComparisonView> {
    const target = this.#target;
    const { runs, labels, kind } = target;
    const { models, text } = await this.#comparer.compare({ runs, labels, signal });
    return { target, models, text, sentence: models.some(({ state }) => isUnderWay(state)) ? undefined : sentenceOf(kind, models) };
  }
}

/** What the numbers of runs that belong together say, once all of them are there. */
function sentenceOf(kind: CompareTarget['kind'], models: readonly ComparedModel[]): string | undefined {
  if (kind === 'runs') return undefined;
  if ('cells' in kind) return models.length === kind.cells ? cellVerdict(models) : undefined;
  const [before, after] = models;
  return before && after ? trySentence(kind.tried, before, after) : undefined;
}
