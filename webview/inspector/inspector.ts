import type { HostService, ViewService } from '../../src/shared/inspectorProtocol';
import type { Remote } from '../../src/shared/rpc';
import { lossOfColumn } from '../plots/tokenModel';
import { readTheme, watchTheme, type Theme } from '../theme';
import { FigureFrame } from '../ui/figure';
import { setValue } from '../ui/toolkit';
import { connectHost, type VsCodeApi } from './client';
import { FlowFigure } from './figures/flow';
import { GatesFigure } from './figures/gates';
import { GradientFigure } from './figures/gradient';
import { LossFigure } from './figures/loss';
import { TokensFigure } from './figures/tokens';
import { listenToKeys, type CommonKeys } from './keyboard';
import { buildLayout, fieldOfText, type Layout } from './layout';
import { emptyMessage, messageElement, runNotice } from './messages';
import { Player } from './player';
import { Readout } from './readout';
import type { PickedUnit, Scene, TimeFigure } from './scene';
import { Session } from './session';
import { crosshair, narrowBelow, TimeColumn } from './timeColumn';
import { isActive } from './runText';
import { Toolbar } from './toolbar';
import { toolbarScene } from './toolbarScene';
import { restoredState, targetedState, type ViewState } from './viewState';

/** The panel: composes the figures, keeps the view's choices, and draws when anything changed. */
export class Inspector {
  private view: ViewState;
  private theme: Theme = readTheme();
  private readonly host: Remote<HostService>;
  private readonly session: Session;
  private readonly toolbar: Toolbar;
  private readonly player: Player;
  private readonly time: TimeColumn;
  private readonly readout = new Readout();
  private readonly tokens: TokensFigure;
  private readonly gates: GatesFigure;
  private readonly gradient: GradientFigure;
  private readonly flow: FlowFigure;
  private readonly loss: LossFigure;
  private readonly layout: Layout;
  private scene?: Scene;
  private row?: number;
  private unit?: PickedUnit;
  private drawing = 0;
  private saving?: ReturnType<typeof setTimeout>;
  private shownMessage = '';

  constructor(
    private readonly root: HTMLElement,
    private readonly api: VsCodeApi,
  ) {
    this.view = restoredState(api.getState());
    this.host = connectHost(api, this.service());
    this.session = new Session(this.host, {
      view: () => this.view,
      targeted: (target) => this.change(targetedState(this.view, target)),
      changed: () => this.drawSoon(),
    });
    const toggled = (): void => this.saveSoon();
    this.toolbar = new Toolbar({
      chooseRun: (run) => this.chooseRun(run),
      chooseCheckpoint: (checkpoint) => this.chooseCheckpoint(checkpoint),
      chooseLayer: (layer) => this.chooseLayer({ layer }),
      chooseDirection: (direction) => this.chooseLayer({ direction }),
      play: () => this.player.toggle(),
      train: () => this.train(),
      stop: () => this.host.notify('stop', { run: this.session.run?.folder ?? '' }),
    });
    this.player = new Player({
      current: () => this.view.checkpoint,
      first: () => this.toolbar.first(),
      next: () => this.toolbar.neighbour(1),
      choose: (checkpoint) => this.chooseCheckpoint(checkpoint),
      changed: () => this.drawSoon(),
    });
    this.time = new TimeColumn({
      hovered: (column) => this.point(column),
      clicked: (column, figure) => {
        if (figure === 'Tokens') this.pin(lossOfColumn(column));
      },
      windowChanged: (window) => this.change({ window }),
    });
    this.tokens = new TokensFigure(toggled, (column) => this.time.centreOn(column));
    this.gates = new GatesFigure({
      tableToggled: toggled,
      isOpen: (track) => (this.view.open.includes(track) ? 'open' : 'closed'),
      toggleTrack: (track) => this.change({ open: this.view.open.includes(track) ? this.view.open.filter((name) => name !== track) : [...this.view.open, track] }),
      unitPicked: (unit) => {
        this.unit = unit;
        this.showReadout();
      },
    });
    this.gradient = new GradientFigure(toggled);
    this.flow = new FlowFigure({
      tableToggled: toggled,
      rowPicked: (row) => {
        this.row = row;
        this.showReadout();
      },
      pin: (position) => this.pin(position),
    });
    this.loss = new LossFigure(toggled);
    for (const figure of this.timeFigures()) this.time.add(figure.element);
    this.layout = buildLayout(root, { toolbar: this.toolbar.element, time: this.time.element, readout: this.readout.element, loss: this.loss.element }, (text) => this.type(text));
    this.time.restore(this.view.window);
    for (const name of this.view.tables) this.frame(name)?.toggleTable();
    this.listen();
  }

  /** Shows what the stored view asks for. */
  start(): void {
    this.draw();
    void this.session.refresh();
  }

  private service(): ViewService {
    return {
      changed: async ({ run }) => {
        if (!run) return this.session.refresh();
        // A training that starts is what one wants to watch.
        if ((await this.session.runChanged(run)) === 'new' && isActive(run) === 'active') this.chooseRun(undefined);
      },
    };
  }

  private frame(name: string): FigureFrame | undefined {
    const figure = [...this.timeFigures(), this.loss].find(({ element }) => element.dataset['figure'] === name);
    return figure && FigureFrame.of(figure.element);
  }

  private timeFigures(): readonly TimeFigure[] {
    return [this.tokens, this.gates, this.gradient, this.flow];
  }

  private listen(): void {
    watchTheme(() => {
      this.theme = readTheme();
      this.drawSoon();
    });
    new ResizeObserver(() => this.drawSoon()).observe(this.root);
    this.root.addEventListener('pointerleave', () => this.saveSoon());
    for (const figure of this.timeFigures()) {
      listenToKeys(figure.element, {
        ...this.commonKeys(figure.element),
        moveColumn: (by) => this.moveCursor(by),
        moveTo: (end) => this.moveCursor(end),
        moveRow: (by) => figure.moveRow?.(by),
        pin: () => this.pin(figure === this.flow && this.flow.pickedRow !== undefined ? this.flow.pickedRow : lossOfColumn(this.cursor())),
      });
    }
    const { loss } = this;
    listenToKeys(loss.element, { ...this.commonKeys(loss.element), moveColumn: (by) => loss.moveStep(by), moveTo: (end) => loss.moveStep(end) });
  }

  private commonKeys(figure: HTMLElement): CommonKeys {
    return {
      clear: () => this.clear(figure),
      moveCheckpoint: (by) => this.chooseCheckpoint(this.toolbar.neighbour(by)),
      play: () => this.player.toggle(),
      toggleTable: () => FigureFrame.of(figure)?.toggleTable(),
    };
  }

  private train(): void {
    this.chooseRun(undefined);
    this.host.notify('train', null);
  }

  private chooseRun(run: string | undefined): void {
    this.view = { ...this.view, run, checkpoint: 'newest' };
    this.player.stop();
    this.session.forgetRun();
    this.saveSoon();
    this.drawSoon();
  }

  private chooseCheckpoint(checkpoint: ViewState['checkpoint']): void {
    if (checkpoint === this.view.checkpoint) return;
    this.change({ checkpoint });
    this.session.traceSoon('now');
  }

  private chooseLayer(choice: Partial<Pick<ViewState, 'layer' | 'direction'>>): void {
    this.change(choice);
    void this.session.pullLayer();
  }

  private type(text: string): void {
    this.time.forgetWindow();
    this.change({ text, pinned: 'last' });
    this.session.traceSoon('typing');
  }

  /** Column under the crosshair; the last step until somebody moved it. */
  private cursor(): number {
    const columns = this.session.trace?.columns;
    const last = (columns?.tokens.length ?? 1) - 1;
    return Math.min(last, this.view.cursor ?? Math.max(0, (columns?.steps ?? 1) - 1));
  }

  private moveCursor(by: number | 'first' | 'last'): void {
    const last = (this.session.trace?.columns.tokens.length ?? 1) - 1;
    const column = by === 'first' ? 0 : by === 'last' ? last : Math.min(last, Math.max(0, this.cursor() + by));
    this.time.reveal(column);
    this.point(column);
  }

  private point(column: number): void {
    this.view = { ...this.view, cursor: column };
    this.time.point(column);
    this.showReadout();
    this.saveSoon();
  }

  private pin(position: number | undefined): void {
    const positions = this.session.trace?.layer.get('flow')?.steps ?? 0;
    if (position !== undefined && position < positions) this.change({ pinned: position });
  }

  private clear(figure: HTMLElement): void {
    if (FigureFrame.of(figure)?.closeHowTo() === 'closed') return;
    this.gates.clearPick();
    this.change({ pinned: 'none' });
  }

  private change(part: Partial<ViewState>): void {
    this.view = { ...this.view, ...part };
    this.saveSoon();
    this.drawSoon();
  }

  private saveSoon(): void {
    clearTimeout(this.saving);
    this.saving = setTimeout(() => {
      const frames = [...this.timeFigures(), this.loss].map(({ element }) => FigureFrame.of(element));
      this.view = { ...this.view, tables: frames.filter((frame) => frame?.showsTable).map((frame) => frame?.name ?? '') };
      this.api.setState(this.view);
    }, 150);
  }

  private drawSoon(): void {
    if (this.drawing !== 0) return;
    this.drawing = requestAnimationFrame(() => {
      this.drawing = 0;
      this.draw();
    });
  }

  private draw(): void {
    const { state, run, trace } = this.session;
    const message = emptyMessage(state, run);
    this.showMessage(message === undefined && !trace && this.session.traceProblem === undefined ? { title: 'Tracing the sample', text: 'Running the network over the text.', actions: [], busy: 'busy' } : message);
    const traced = message === undefined && trace !== undefined;
    this.root.dataset['state'] = traced ? 'traced' : run && state?.problem === undefined ? 'curve' : 'empty';
    this.drawToolbar();
    this.layout.notice.textContent = [this.session.traceProblem, runNotice(run)].filter((text) => text !== undefined).join(' ');
    this.layout.notice.hidden = this.layout.notice.textContent === '';
    const width = this.loss.element.clientWidth;
    if (run && width > 0) {
      const marked = trace ? { marked: trace.summary.step } : {};
      this.loss.draw({ theme: this.theme, width, metrics: this.session.metrics.current, unit: state?.task === 'language-model' ? 'nats per token' : '', ...marked });
    }
    if (traced) this.drawTrace();
  }

  private drawTrace(): void {
    const { trace, metrics, state } = this.session;
    if (!trace) return;
    const narrow = this.root.clientWidth <= narrowBelow ? 'narrow' : 'wide';
    const axis = this.time.layOut(trace.columns.tokens, this.tokens.element.clientWidth, narrow);
    const last = trace.columns.tokens.length - 2;
    const wanted = this.view.pinned;
    const pinned = wanted === 'none' || last < 0 ? {} : { pinned: wanted === 'last' ? last : Math.min(last, wanted) };
    const clip = metrics.current.clip ? { clip: metrics.current.clip } : {};
    this.scene = { ...trace, theme: this.theme, axis, narrow, ...pinned, ...clip };
    for (const figure of this.timeFigures()) {
      figure.draw(this.scene);
      for (const plot of figure.element.querySelectorAll('.plot')) {
        if (!plot.querySelector('.crosshair')) plot.append(crosshair(figure === this.tokens ? 'with-number' : 'plain'));
      }
    }
    this.time.point(this.cursor());
    this.showReadout();
    this.layout.sampleNote.textContent = `${trace.columns.steps} steps · traced in ${Math.max(1, Math.round(trace.summary.milliseconds))} ms`;
    if (!this.layout.sample.contains(document.activeElement) && document.activeElement !== this.layout.sample) {
      setValue(this.layout.sample, fieldOfText(this.view.text ?? state?.sample ?? trace.columns.tokens.join('')));
    }
  }

  private drawToolbar(): void {
    const scene = toolbarScene(this.session, this.view, this.player.state);
    if (scene) this.toolbar.update(scene);
  }

  private showReadout(): void {
    if (!this.scene) return;
    this.readout.show(this.scene, { column: this.cursor(), ...(this.row === undefined ? {} : { row: this.row }), ...(this.unit ? { unit: this.unit } : {}) });
  }

  private showMessage(message: ReturnType<typeof emptyMessage>): void {
    const key = JSON.stringify(message ?? null);
    if (key === this.shownMessage) return;
    this.shownMessage = key;
    const hooks = { train: () => this.train(), openSpec: () => this.host.notify('openSpec', null), showLog: () => this.host.notify('showLog', null) };
    this.layout.message.replaceChildren(...(message ? [messageElement(message, hooks)] : []));
  }
}
