import { bisectLeft } from 'd3-array';
import type { RunChange, RunsApi } from '../runs/api';
import { joinColumns } from '../shared/joinColumns';
import type { RunMetrics } from '../shared/run';

/**
 * The curve of the run that a page shows, read from disk once; what a training adds afterwards is put to its
 * end as it comes. A page that follows a long training asks several times a second, and reading its file each
 * time would hold the extension host up.
 */
export class CurveFollower {
  readonly #runs: Pick<RunsApi, 'metrics' | 'onDidChange'>;
  readonly #stopListening: () => void;
  #followed: { readonly run: string; curve: Promise<RunMetrics>; readonly news: RunChange[] } | undefined;

  constructor(runs: Pick<RunsApi, 'metrics' | 'onDidChange'>) {
    this.#runs = runs;
    this.#stopListening = runs.onDidChange((change) => {
      if (this.#followed?.run === change.info.folder) this.#followed.news.push(change);
    });
  }

  /** The curve of this run up to now; following another run ends the one before. Rejects with a RunError. */
  async of(run: string): Promise<RunMetrics> {
    if (this.#followed?.run !== run) this.#followed = { run, curve: this.#runs.metrics(run), news: [] };
    const followed = this.#followed;
    const news = followed.news.splice(0);
    if (news.length > 0) followed.curve = followed.curve.then((curve) => news.reduce(withNews, curve));
    try {
      return await followed.curve;
    } catch (error) {
      if (this.#followed === followed) this.#followed = undefined;
      throw error;
    }
  }

  dispose(): void {
    this.#stopListening();
    this.#followed = undefined;
  }
}

/** Puts a change to the end of a curve; what is there already (read from disk meanwhile) is replaced by itself. */
function withNews(curve: RunMetrics, { columns, evaluations = [] }: RunChange): RunMetrics {
  const [first] = columns?.step ?? [];
  const last = curve.evaluations.at(-1)?.step ?? -1;
  return {
    ...curve,
    columns: columns && first !== undefined ? joinColumns(curve.columns, bisectLeft(curve.columns.step, first), columns) : curve.columns,
    evaluations: [...curve.evaluations, ...evaluations.filter(({ step }) => step > last)],
  };
}
