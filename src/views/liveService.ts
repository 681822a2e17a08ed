import type { RunsApi } from '../runs/api';
import { savedSpec } from '../runs/savedModel';
import type { LiveHostService, LiveSample, LiveState, LiveViewService } from '../shared/liveProtocol';
import { connect, type Remote, type Transport } from '../shared/rpc';
import type { RunInfo } from '../shared/run';
import type { Spec } from '../spec/schema';
import { CurveFollower } from './curveFollower';
import { sendableMetrics } from '../shared/wireMetrics';
import { sendableRun } from './inspectorModel';
import { hasSample, newestSample } from './liveSample';

/** The part of the runs that the *Live* view draws from. */
export type LiveRuns = Pick<RunsApi, 'active' | 'metrics' | 'generate' | 'trace' | 'onDidChange'>;

/** What the *Live* view asks of the workbench around it. */
export interface LiveWorkbench {
  /** The newest run of the workspace, for a page that opens when nothing trains. */
  newestRun(): Promise<RunInfo | undefined>;
  copy(text: string): Promise<void>;
  newModel(): Promise<void>;
  /** The page shows this run now, or sees it in another state. */
  shows(run: RunInfo): void;
}

/** Pages are told of news at most this often, in milliseconds: four times a second. */
const beat = 250;

/** Serves the page of the *Live* view; lives as long as the page is shown. */
export class LiveSession {
  readonly #runs: LiveRuns;
  readonly #workbench: LiveWorkbench;
  readonly #curves: CurveFollower;
  readonly #view: Remote<LiveViewService>;
  readonly #stopListening: () => void;
  #shown: RunInfo | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(runs: LiveRuns, workbench: LiveWorkbench, transport: Transport) {
    this.#runs = runs;
    this.#workbench = workbench;
    this.#curves = new CurveFollower(runs);
    this.#view = connect<LiveViewService>(transport, this.#service());
    this.#stopListening = runs.onDidChange(({ info }) => this.#take(info));
  }

  /** The run that the page shows. */
  get run(): RunInfo | undefined {
    return this.#shown;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#stopListening();
    this.#curves.dispose();
    this.#view.close('The Live view was closed.');
  }

  /** A run moved: it is shown unless another one, still training, is. */
  #take(info: RunInfo): void {
    const [newest] = this.#runs.active();
    this.#shown = newest === undefined || newest.folder === info.folder ? info : newest;
    this.#workbench.shows(this.#shown);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#view.notify('changed', null);
    }, beat);
  }

  async #state(): Promise<LiveState> {
    const run = (this.#shown ??= this.#runs.active()[0] ?? (await this.#workbench.newestRun()));
    if (run) this.#workbench.shows(run);
    const spec = run === undefined ? undefined : await savedSpec(run.folder).then(
      ({ spec: saved }) => saved,
      // A run that cannot be read is listed with its reason; there is nothing to count its tokens in.
      () => undefined,
    );
    const tokenWord = tokenWordOf(spec);
    return { ...(run ? { run: sendableRun(run) } : {}), tokenWord, lossUnit: lossUnitOf(spec, tokenWord), writes: spec !== undefined && hasSample(spec) };
  }

  async #sample(run: string, step: number, signal: AbortSignal): Promise<LiveSample> {
    const { spec } = await savedSpec(run);
    return newestSample(this.#runs, { run, step, spec }, signal);
  }

  #service(): LiveHostService {
    return {
      state: () => this.#state(),
      metrics: async ({ run, from }) => sendableMetrics(await this.#curves.of(run), from),
      sample: ({ run, step }, signal) => this.#sample(run, step, signal),
      copy: ({ text }) => this.#workbench.copy(text),
      newModel: () => this.#workbench.newModel(),
    };
  }
}

function tokenWordOf(spec: Spec | undefined): string {
  const task = spec?.task;
  if (task?.kind !== 'language-model') return 'timesteps';
  return { char: 'characters', word: 'words', spaced: 'words', byte: 'bytes' }[task.tokens];
}

function lossUnitOf(spec: Spec | undefined, tokenWord: string): string {
  const task = spec?.task;
  if (task?.kind === 'forecast' || (task?.kind === 'synthetic' && task.problem === 'adding') || (task?.kind === 'batch' && task.loss === 'values')) return 'squared error';
  return task?.kind === 'language-model' ? `nats a ${tokenWord.replace(/s$/, '')}` : 'nats';
}
