import type { HostService } from '../../src/shared/inspectorProtocol';
import type { Remote } from '../../src/shared/rpc';
import type { RunMetrics } from '../../src/shared/run';
import type { CopyItem } from '../ui/exportMenu';
import { Board } from './board';
import { timeFigures } from './figures/registry';
import type { LayerTrace } from './layerTrace';
import { Pointer } from './pointer';
import { traceCopies } from './traceCopies';
import { Readout } from './readout';
import type { FigureHooks, Look, Scene, TimeFigure, TraceScene } from './scene';
import type { Session } from './session';
import { crosshair, TimeColumn } from './timeColumn';
import type { ViewStore } from './viewStore';

/** What a pane asks of the panel. */
export interface PaneHooks {
  /** The crosshair of this pane moved. */
  moved(column: number): void;
  /** What waits must be drawn with the next frame. */
  again(): void;
}

/** One trace with its time figures and its readout; two of them side by side compare two traces. */
export class Pane {
  readonly board: Board;
  readonly time: TimeColumn;
  readonly readout = new Readout();
  readonly pointer: Pointer;
  readonly figures: readonly TimeFigure[];
  readonly hooks: FigureHooks;
  /** What can be copied of the trace. */
  readonly copies: readonly CopyItem[];
  private scene?: Scene;

  constructor(
    readonly session: Session,
    private readonly store: ViewStore,
    host: Remote<HostService>,
    panel: PaneHooks,
  ) {
    this.board = new Board(store);
    this.time = new TimeColumn({
      hovered: (column) => this.pointer.point(column),
      clicked: (column, figure) => figure === 'Tokens' && this.pointer.pinColumn(column),
      windowChanged: (window) => store.change({ window }),
    });
    this.pointer = new Pointer(store, { trace: () => session.trace, moved: (column) => panel.moved(column), reveal: (column) => this.time.reveal(column) });
    this.hooks = {
      host,
      view: () => store.current,
      change: store.change,
      choose: (option, value) => store.change({ options: { ...store.current.options, [option]: value } }),
      changed: () => this.board.figureChanged(),
      arrived: (frame) => this.board.redraw(frame),
      again: () => {
        this.board.again();
        panel.again();
      },
      pin: this.pointer.pin,
      point: (what) => this.pointer.note(what),
      centreOn: (column) => this.time.centreOn(column),
    };
    this.copies = traceCopies(host, () => (session.trace && session.run ? { trace: session.trace, run: session.run } : undefined));
    this.figures = timeFigures.map((make) => make(this.hooks));
    for (const figure of this.figures) {
      figure.frame.offer(...this.copies);
      this.time.add(figure.frame.element);
      this.board.add(figure, () => this.scene && drawFigure(figure, this.scene));
    }
  }

  /** Draws what can be seen of a trace on an axis over `width` pixels. */
  draw(look: Look, trace: TraceScene, others: readonly LayerTrace[], clip: RunMetrics['clip'], width: number): void {
    const axis = this.time.layOut(widthsOf(trace), width, look.narrow, this.store.current.window);
    const { pinned } = this.pointer;
    trace.views.redraw();
    this.scene = { ...trace, ...look, axis, others, batches: this.session.batches, ...(pinned === undefined ? {} : { pinned }), ...(clip ? { clip } : {}) };
    this.board.draw();
    this.point(this.pointer.column);
  }

  /** Draws the figures that waited for numbers or for time. */
  drawWaiting(until: number): void {
    if (!this.scene) return;
    this.scene = { ...this.scene, until };
    this.board.drawWaiting();
    this.point(this.pointer.column);
  }

  /** Shows the crosshair and its numbers. */
  point(column: number): void {
    this.time.point(column);
    const { row, unit } = this.pointer;
    if (this.scene) this.readout.show(this.scene, { column, ...(row === undefined ? {} : { row }), ...(unit ? { unit } : {}) });
  }

  dispose(): void {
    this.board.dispose();
    this.session.dispose();
  }
}

function drawFigure(figure: TimeFigure, scene: Scene): void {
  figure.draw(scene);
  for (const plot of figure.frame.body.querySelectorAll('.plot')) {
    if (!plot.querySelector('.crosshair')) plot.append(crosshair(figure.frame.name === 'Tokens' ? 'with-number' : 'plain'));
  }
}

/** Texts that columns should be wide enough for: tokens. Numbers are read in the readout, and columns stay narrow for them. */
function widthsOf({ columns, summary }: TraceScene): readonly string[] {
  return summary.values ? columns.tokens.map(() => '') : columns.tokens;
}
