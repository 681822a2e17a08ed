import type { HostService, InspectorState, InspectorTarget } from '../../src/shared/inspectorProtocol';
import { AbortError, type Remote } from '../../src/shared/rpc';
import type { RunInfo } from '../../src/shared/run';
import { Batches } from './batches';
import { layerScene, openScene } from './client';
import { emptyMessage } from './messages';
import { MetricsStore } from './metricsStore';
import type { TraceScene } from './scene';
import { isActive } from './runText';
import type { ViewState } from './viewState';

/** While training, the figures are drawn anew at most this often: a little more than four times a second. */
const liveInterval = 235;

/** What of a training's time may go into the traces that follow it: without flow matrices, and with them. */
const liveShare = { 'without-flow': 0.1, 'with-flow': 0.03 };

/** Milliseconds of a trace with flow from which on figures that need none are drawn before it. */
const longTrace = 150;

/** Timesteps from which on a trace with flow counts as long before one was made. */
const longSample = 400;

/** What a trace took of the engine. */
interface Took {
  readonly at: number;
  readonly steps: number;
  readonly milliseconds: number;
}

/** What the session asks of the page. */
export interface SessionPage {
  view(): ViewState;
  /** Somebody asked the panel to show something else. */
  targeted(target: InspectorTarget): void;
  changed(): void;
  /** The run went on, and with it its curve; the trace is the same. */
  runMoved(): void;
  /** Numbers have come that figures waited for. */
  arrived(): void;
}

/** What the page knows of the host's data for the view it shows; asks for what is missing. */
export class Session {
  state?: InspectorState;
  trace?: TraceScene;
  /** Why the newest trace failed, for a person. */
  traceProblem?: string;
  readonly metrics = new MetricsStore();
  readonly batches: Batches;
  private metricsRun?: string;
  private tracing?: AbortController;
  /** When a trace was asked for last. */
  private askedAt = 0;
  /** The last trace with flow of this run, and the last without. */
  private flowTook?: Took;
  private plainTook?: Took;
  private traceTimer?: ReturnType<typeof setTimeout>;
  private metricsTimer?: ReturnType<typeof setTimeout>;
  /** When the curve was asked for last. */
  private metricsAt = 0;
  private pullingMetrics: 'no' | 'yes' | 'again' = 'no';

  constructor(
    private readonly host: Remote<HostService>,
    private readonly page: SessionPage,
  ) {
    this.batches = new Batches(host, () => page.changed());
  }

  /** Gives up what is under way. */
  dispose(): void {
    clearTimeout(this.traceTimer);
    clearTimeout(this.metricsTimer);
    this.tracing?.abort();
    this.batches.follow(undefined);
  }

  private view(): ViewState {
    return this.page.view();
  }

  private changed(): void {
    this.page.changed();
  }

  /** The run that the view shows: the chosen one, else the newest of the spec itself rather than of an edit or a cell that was tried, else the newest. */
  get run(): RunInfo | undefined {
    const runs = this.state?.runs ?? [];
    return runs.find(({ folder }) => folder === this.view().run) ?? runs.find(({ name }) => name === this.state?.name) ?? runs[0];
  }

  /** Whether a trace that was asked for is still to come. */
  get isTracing(): boolean {
    return this.tracing !== undefined;
  }

  /** Asks for everything that the view shows. */
  async refresh(): Promise<void> {
    try {
      const state = await this.host.call('state', null);
      const before = this.run?.folder;
      this.state = state;
      // A page that was hidden or reloaded learns here what it should show by now.
      if (state.asked) {
        this.page.targeted(state.asked.target);
        this.host.notify('heard', { request: state.asked.request });
      } else if (state.specPath !== this.view().specPath) {
        this.page.targeted({ specPath: state.specPath });
      }
      if (before !== undefined && this.run?.folder !== before) this.forgetData();
    } catch (error) {
      this.traceProblem = sentenceOf(error);
    }
    this.changed();
    void this.pullMetrics();
    this.traceSoon('now');
  }

  /** The host says that a run went on. */
  async runChanged(info: RunInfo): Promise<'known' | 'new'> {
    const known = this.state?.runs.some(({ folder }) => folder === info.folder) ?? false;
    if (!this.state || !known) {
      await this.refresh();
      return 'new';
    }
    const before = this.run;
    this.state = { ...this.state, runs: this.state.runs.map((run) => (run.folder === info.folder ? info : run)) };
    const same = before?.folder === info.folder;
    const ended = same && isActive(before) === 'active' && isActive(info) === 'ended';
    // News come ten times a second; the curve and what stands beside it are drawn when its next part has come.
    if (!same || ended || before.state !== info.state) this.page.runMoved();
    if (!same) return 'known';
    this.pullMetricsSoon();
    const newWeights = info.step !== before.step || info.checkpoints.length !== before.checkpoints.length;
    if (this.view().checkpoint === 'newest' && (newWeights || ended || !this.trace)) this.traceSoon('live');
    return 'known';
  }

  /** Another run, checkpoint or text is wanted; `live` keeps to five a second and lets a trace under way finish. */
  traceSoon(why: 'now' | 'live'): void {
    if (why === 'live' && (this.tracing || this.traceTimer !== undefined)) return;
    if (why !== 'live') this.batches.interrupt();
    clearTimeout(this.traceTimer);
    this.traceTimer = undefined;
    // At once, before anything is drawn.
    if (why === 'now') return void this.pullTrace(this.isLong() ? ['without-flow', 'with-flow'] : ['with-flow']);
    this.traceTimer = setTimeout(() => {
      this.traceTimer = undefined;
      void this.pullTrace([this.affords(this.flowTook, 'with-flow') ? 'with-flow' : 'without-flow']);
    }, Math.max(0, this.askedAt + Math.max(liveInterval, (this.plainTook?.milliseconds ?? 0) / liveShare['without-flow']) - performance.now()));
  }

  /** Whether another trace of this kind keeps to its share of the training's time. */
  private affords(took: Took | undefined, flow: keyof typeof liveShare): boolean {
    return took === undefined || performance.now() - took.at >= took.milliseconds / liveShare[flow];
  }

  /** Where the flow takes long, as far as is known, the other figures need not wait for it. */
  private isLong(): boolean {
    const { sample } = this.view();
    const before = this.trace?.columns.steps ?? 0;
    const steps = sample?.kind === 'text' ? sample.text.length : before;
    if (this.flowTook === undefined) return steps > longSample;
    // Twice the steps are four times the work.
    return this.flowTook.milliseconds * (steps / this.flowTook.steps) ** 2 > longTrace;
  }

  /** Another run: nothing of the old one may be seen under its name. */
  forgetRun(): void {
    this.forgetData();
    void this.pullMetrics();
    this.traceSoon('now');
  }

  /** Another layer or direction of the same trace. */
  turnLayer(): void {
    if (!this.trace || this.tracing) return this.traceSoon('now');
    const { layer, direction } = this.view();
    this.trace = layerScene(this.trace.asked, this.trace.summary, this.trace.views, layer, direction);
    this.changed();
  }

  private forgetData(): void {
    this.metrics.clear();
    this.metricsRun = undefined;
    this.trace = undefined;
    this.flowTook = undefined;
    this.plainTook = undefined;
    this.batches.follow(undefined);
    this.traceProblem = undefined;
  }

  private pullMetricsSoon(): void {
    this.metricsTimer ??= setTimeout(() => void this.pullMetrics(), Math.max(0, this.metricsAt + liveInterval - performance.now()));
  }

  private async pullMetrics(): Promise<void> {
    clearTimeout(this.metricsTimer);
    this.metricsTimer = undefined;
    this.metricsAt = performance.now();
    const run = this.run;
    if (!run) return;
    if (this.pullingMetrics !== 'no') {
      this.pullingMetrics = 'again';
      return;
    }
    this.pullingMetrics = 'yes';
    try {
      if (this.metricsRun !== run.folder) this.metrics.clear();
      this.metricsRun = run.folder;
      const first = this.metrics.length === 0;
      const part = await this.host.call('metrics', { run: run.folder, from: this.metrics.length });
      if (this.metricsRun === run.folder) this.metrics.add(part);
      // The threshold of clipping comes with the first part, and all figures show it.
      if (first) this.changed();
      else this.page.runMoved();
    } catch {
      // The run may have gone; the next change asks again.
    }
    const again = this.again();
    this.pullingMetrics = 'no';
    if (again) void this.pullMetrics();
  }

  private again(): boolean {
    return this.pullingMetrics === 'again';
  }

  /** Traces with and without flow matrices, one after the other; each is shown when it has come. */
  private async pullTrace(flows: readonly (keyof typeof liveShare)[]): Promise<void> {
    this.tracing?.abort();
    const run = this.run;
    if (!run || emptyMessage(this.state, run)) return;
    const controller = new AbortController();
    this.tracing = controller;
    const { checkpoint, sample, layer, direction } = this.view();
    const weights = checkpoint !== 'newest' ? checkpoint : isActive(run) === 'active' ? 'live' : 'latest';
    const before = this.trace;
    try {
      for (const flow of flows) {
        const at = (this.askedAt = performance.now());
        const scene = await openScene(this.host, { run: run.folder, checkpoint: weights, layer, direction, flow, ...(sample ? { sample } : {}) }, before, () => this.page.arrived(), controller.signal);
        if (this.tracing !== controller) return;
        this.trace = scene;
        this.traceProblem = undefined;
        const took = { at, steps: scene.columns.steps, milliseconds: scene.summary.milliseconds };
        if (flow === 'with-flow') this.flowTook = took;
        else this.plainTook = took;
        if (scene.asked.flow === 'with-flow') this.batches.follow(scene);
        else this.changed();
      }
    } catch (error) {
      if (this.tracing !== controller || error instanceof AbortError) return;
      this.traceProblem = sentenceOf(error);
    } finally {
      if (this.tracing === controller) {
        this.tracing = undefined;
        // What happened meanwhile: the weights went on, or the view asks for another layer.
        const now = this.view();
        if (now.layer !== layer || now.direction !== direction) this.turnLayer();
        else if (weights === 'live' && (this.run?.step ?? 0) > (this.trace?.summary.step ?? 0)) this.traceSoon('live');
      }
    }
    this.changed();
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
