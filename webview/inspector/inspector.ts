import type { HostService, InspectorTarget, ViewService } from '../../src/shared/inspectorProtocol';
import type { Remote } from '../../src/shared/rpc';
import { readTheme, watchTheme, type Theme } from '../theme';
import { Lens } from '../ui/lens';
import { connectHost, type VsCodeApi } from './client';
import { listenToFigures } from './figureKeys';
import { buildLayout, type Layout } from './layout';
import { MessageRoom } from './messageRoom';
import { emptyMessage, runNotice } from './messages';
import { Notice } from './notice';
import { Pane } from './pane';
import { Player } from './player';
import { isActive } from './runText';
import { SampleBar } from './sampleBar';
import type { Look, TraceScene } from './scene';
import { Session } from './session';
import { SidePane } from './sidePane';
import { narrowUpTo } from './timeColumn';
import { Toolbar } from './toolbar';
import { toolbarScene } from './toolbarScene';
import { targetedState, type ViewState } from './viewState';
import { VerdictBar, type DiagnosedWeights } from './verdict/verdictBar';
import { ViewStore } from './viewStore';
import { BeforeTraining } from './whatif/beforeTraining';

/** What is older than what is known: everything, what lies on the time axis, what is of the run and not of its trace, or the figures that wait for numbers or for time. */
type Stale = 'all' | 'window' | 'run' | 'waiting';

/** Milliseconds of a frame in which images of heatmaps are made: while one pans or zooms the rest is left to drawing them, else nothing moves that could stutter. */
const imageMilliseconds = { moving: 4, still: 40 };

/** So long after the window moved it may move on. */
const moves = 250;

/** The panel: composes its rooms and draws when anything changed. */
export class Inspector {
  private theme: Theme = readTheme();
  private readonly store: ViewStore;
  private readonly host: Remote<HostService>;
  private readonly session: Session;
  private readonly pane: Pane;
  private readonly side: SidePane;
  private readonly toolbar: Toolbar;
  private readonly sample: SampleBar;
  private readonly player: Player;
  private readonly verdict: VerdictBar;
  private readonly beforeTraining: BeforeTraining;
  private readonly layout: Layout;
  private readonly message: MessageRoom;
  private readonly notice: Notice;
  /** What is shown beside it, while something is. */
  private beside?: Pane;
  private drawing = 0;
  /** When the window moved last. */
  private movedAt = 0;
  private readonly stale = new Set<Stale>(['all']);

  constructor(
    private readonly root: HTMLElement,
    api: VsCodeApi,
  ) {
    this.store = new ViewStore(api, (what) => this.drawSoon(what));
    this.host = connectHost(api, this.service());
    this.session = this.openSession(() => this.store.current);
    this.pane = this.openPane(this.session);
    this.side = new SidePane(this.store, this.pane.hooks, this.pane.copies);
    this.toolbar = this.openToolbar();
    this.player = new Player({
      current: () => this.store.current.checkpoint,
      first: () => this.toolbar.shown.first(),
      next: () => this.toolbar.shown.neighbour(1),
      choose: (checkpoint) => this.chooseCheckpoint(checkpoint),
      isTracing: () => this.session.isTracing,
      changed: () => this.drawSoon(),
    });
    this.sample = new SampleBar((sample) => {
      const { pinned, window } = this.store.current;
      // The figures follow when the trace is there; drawing those of the old text once more would only hold it up.
      if (pinned === 'last' && window === undefined) this.store.keep({ sample });
      else this.store.change({ sample, pinned: 'last', window: undefined });
      for (const session of this.sessions()) session.traceSoon('now');
    });
    this.verdict = new VerdictBar(this.host, { keepRun: () => this.store.change({ run: this.session.run?.folder }), changed: () => this.drawSoon('run') });
    this.beforeTraining = new BeforeTraining(this.store, this.pane.hooks, this.panelKeys());
    const next = { train: () => this.train(), openSpec: () => this.host.notify('openSpec', null), showLog: () => this.host.notify('showLog', null) };
    this.notice = new Notice(next);
    this.layout = buildLayout(root, { toolbar: this.toolbar.element, sample: this.sample.element, verdict: this.verdict.element, notice: this.notice.element, before: this.beforeTraining.element, time: this.pane.time.element, side: [this.pane.readout.element, ...this.side.side.map(({ frame }) => frame.element)], lower: this.side.lower.map(({ frame }) => frame.element) });
    this.sample.connected();
    this.message = new MessageRoom(this.layout.message, next);
    watchTheme(() => {
      this.theme = readTheme();
      this.drawSoon();
    });
    new ResizeObserver(() => this.drawSoon()).observe(root);
    this.listen(this.pane);
    for (const figure of this.side.figures) listenToFigures(figure, this.panelKeys(), { move: (by) => figure.moveColumn?.(by) });
  }

  /** Shows what the stored view asks for. */
  start(): void {
    this.draw('all');
    void this.session.refresh();
  }

  private service(): ViewService {
    return {
      changed: async ({ run }) => {
        if (!run) return void (await Promise.all(this.sessions().map((session) => session.refresh())));
        const [first] = await Promise.all(this.sessions().map((session) => session.runChanged(run)));
        // A training that starts is what one wants to watch, unless it only tries an edit under another name.
        if (first === 'new' && isActive(run) === 'active' && run.name === this.session.state?.name) this.chooseRun(undefined);
      },
      diagnosing: (progress) => this.verdict.progress(progress),
    };
  }

  private openSession(view: () => ViewState): Session {
    return new Session(this.host, { view, targeted: (target) => this.target(target), changed: () => this.drawSoon(), runMoved: () => this.drawSoon('run'), arrived: () => this.drawSoon('waiting') });
  }

  private target(target: InspectorTarget): void {
    this.store.change(targetedState(this.store.current, target));
    if (target.then !== 'diagnose') return;
    this.draw('all');
    void this.verdict.diagnose();
  }

  private openPane(session: Session): Pane {
    return new Pane(session, this.store, this.host, { moved: (column) => this.panes().forEach((pane) => pane.point(column)), again: () => this.drawSoon('waiting') });
  }

  private openToolbar(): Toolbar {
    return new Toolbar({
      shown: { chooseRun: (run) => this.chooseRun(run), chooseCheckpoint: (checkpoint) => this.chooseCheckpoint(checkpoint), play: () => this.player.toggle() },
      beside: {
        chooseRun: (run) => this.chooseBeside({ run, checkpoint: 'newest' }),
        chooseCheckpoint: (checkpoint) => this.chooseBeside({ ...this.store.current.beside, checkpoint }),
        play: () => undefined,
      },
      toggleBeside: () => this.chooseBeside(this.store.current.beside ? undefined : { ...(this.session.run ? { run: this.session.run.folder } : {}), checkpoint: this.toolbar.shown.first() }),
      chooseLayer: (layer) => this.chooseLayer({ layer }),
      chooseDirection: (direction) => this.chooseLayer({ direction }),
      train: () => this.train(),
      stop: () => this.host.notify('stop', { run: this.session.run?.folder ?? '' }),
    });
  }

  private listen(pane: Pane): void {
    for (const figure of pane.figures) {
      listenToFigures(figure, this.panelKeys(), {
        move: (by) => pane.pointer.move(by),
        pin: () => (figure.pinnable === undefined ? pane.pointer.pinColumn(pane.pointer.column) : pane.pointer.pin(figure.pinnable)),
        clear: () => this.store.change({ pinned: 'none' }),
      });
    }
  }

  private panelKeys(): { moveCheckpoint(by: number): void; play(): void } {
    return { moveCheckpoint: (by) => this.chooseCheckpoint(this.toolbar.shown.neighbour(by)), play: () => this.player.toggle() };
  }

  private sessions(): readonly Session[] {
    return [this.session, ...(this.beside ? [this.beside.session] : [])];
  }

  private train(): void {
    this.chooseRun(undefined);
    this.host.notify('train', null);
  }

  private chooseRun(run: string | undefined): void {
    this.store.change({ run, checkpoint: 'newest' });
    this.player.stop();
    this.session.forgetRun();
  }

  private chooseCheckpoint(checkpoint: ViewState['checkpoint']): void {
    if (checkpoint === this.store.current.checkpoint) return;
    this.store.change({ checkpoint });
    this.session.traceSoon('now');
  }

  private chooseBeside(beside: ViewState['beside']): void {
    const other = beside?.run !== this.store.current.beside?.run;
    this.store.change({ beside });
    if (!this.beside || !beside) return;
    if (other) this.beside.session.forgetRun();
    else this.beside.session.traceSoon('now');
  }

  private chooseLayer(choice: Partial<Pick<ViewState, 'layer' | 'direction'>>): void {
    this.store.change(choice);
    for (const session of this.sessions()) session.turnLayer();
  }

  /** Draws with the next frame; panning and zooming leave alone what does not lie on the time axis, and numbers that come what does not wait for them. */
  private drawSoon(what: Stale = 'all'): void {
    if (what === 'window') this.movedAt = performance.now();
    this.stale.add(what);
    if (this.drawing !== 0) return;
    this.drawing = requestAnimationFrame(() => {
      this.drawing = 0;
      const stale = new Set(this.stale);
      this.stale.clear();
      const all = stale.has('all') || this.root.dataset['state'] !== 'traced';
      if (all || stale.has('run')) this.draw(all ? 'all' : 'run');
      if (!all && stale.has('window')) this.drawPanes(this.look());
      if (!all && stale.has('waiting')) this.drawWaiting();
      Lens.refresh();
      this.say(this.session.trace);
      this.root.dataset['figures'] = [this.side, ...this.panes()].every(({ board }) => board.whole === 'whole') ? 'whole' : 'waiting';
    });
  }

  /** Says on the page what its figures show, for whoever waits for it. */
  private say(trace: TraceScene | undefined): void {
    if (!trace) return;
    const { summary, asked } = trace;
    Object.assign(this.root.dataset, { step: String(summary.step), steps: String(summary.tokens.length), flow: asked.flow });
  }

  private drawWaiting(): void {
    const { until } = this.look();
    for (const pane of this.panes()) pane.drawWaiting(until);
    this.side.drawWaiting();
  }

  private panes(): readonly Pane[] {
    return [this.pane, ...(this.beside ? [this.beside] : [])];
  }

  /** Draws everything, or only what shows the run: its curve, its state and what can be done with it. */
  private draw(what: 'all' | 'run'): void {
    const { session } = this;
    const { state, run, trace } = session;
    const message = emptyMessage(state, run);
    this.message.show(message, { waiting: !trace && session.traceProblem === undefined ? 'waiting' : 'no' });
    const traced = message === undefined && trace !== undefined;
    const before = this.root.dataset['state'];
    this.root.dataset['state'] = traced ? 'traced' : run && state?.problem === undefined ? 'curve' : 'empty';
    this.followBeside();
    const toolbar = toolbarScene(session, this.beside?.session, this.store.current, this.player.state);
    if (toolbar) this.toolbar.update(toolbar);
    // A message in place of the figures has said already how the run ended.
    this.notice.show(session.traceProblem, message ? undefined : runNotice(run));
    const look = this.look();
    this.verdict.draw(this.theme, this.diagnosed());
    this.beforeTraining.draw(look, run || state?.problem !== undefined ? undefined : state?.stacks);
    if (run) this.side.draw(what, look, run, session, this.verdict.wantedLag);
    if (traced && (what === 'all' || before !== 'traced')) this.drawPanes(look);
  }

  /** The shown weights, or those that a spec without a run begins with. */
  private diagnosed(): DiagnosedWeights | undefined {
    const { state, run } = this.session;
    if (!state || state.problem !== undefined) return undefined;
    const { checkpoint } = this.store.current;
    return { ...(run ? { run: run.folder } : {}), checkpoint: checkpoint !== 'newest' ? checkpoint : run && isActive(run) === 'active' ? 'live' : 'latest' };
  }

  private look(): Look {
    const now = performance.now();
    return { theme: this.theme, view: this.store.current, narrow: this.root.clientWidth / this.sessions().length <= narrowUpTo ? 'narrow' : 'wide', until: now + imageMilliseconds[now - this.movedAt < moves ? 'moving' : 'still'] };
  }

  private drawPanes(look: Look): void {
    const panes = this.panes();
    const layers = panes.flatMap(({ session }) => (session.trace ? [session.trace.layer] : []));
    for (const pane of panes) {
      const { trace } = pane.session;
      const width = pane.figures[0]?.frame.body.parentElement?.clientWidth ?? 0;
      if (trace && width > 0) pane.draw(look, trace, layers.filter((layer) => layer !== trace.layer), pane.session.metrics.current.clip, width);
    }
    const { trace } = this.session;
    const { sample } = this.store.current;
    if (trace) this.sample.update({ sample: trace.summary.sample, steps: trace.summary.tokens.length, milliseconds: trace.summary.milliseconds, ...(sample ? { chosen: sample } : {}) });
  }

  /** Opens or closes the second pane as the view says. */
  private followBeside(): void {
    const wanted = this.store.current.beside !== undefined;
    if (wanted === (this.beside !== undefined)) return;
    this.layout.columns.classList.toggle('compared', wanted);
    if (!wanted) {
      this.beside?.time.element.remove();
      this.beside?.readout.element.remove();
      this.beside?.dispose();
      this.beside = undefined;
      return;
    }
    const session = this.openSession(() => ({ ...this.store.current, run: this.store.current.beside?.run, checkpoint: this.store.current.beside?.checkpoint ?? 'newest' }));
    this.beside = this.openPane(session);
    this.listen(this.beside);
    this.pane.time.element.after(this.beside.time.element);
    this.pane.readout.element.after(this.beside.readout.element);
    void session.refresh();
  }
}
