import type { RunInfo } from '../../src/shared/run';
import type { CopyItem } from '../ui/exportMenu';
import { Board } from './board';
import { lowerFigures, sideFigures } from './figures/registry';
import type { Figure, FigureHooks, Look, SideFigure, SideScene } from './scene';
import type { Session } from './session';
import type { ViewStore } from './viewStore';

/** The figures beside the time axis and beneath it. */
export class SidePane {
  readonly board: Board;
  readonly side: readonly SideFigure[];
  readonly lower: readonly SideFigure[];
  readonly figures: readonly SideFigure[];
  private readonly ofRun: ReadonlySet<Figure>;
  private scene?: Omit<SideScene, 'width'>;

  constructor(store: ViewStore, hooks: FigureHooks, traceCopies: readonly CopyItem[]) {
    this.board = new Board(store);
    const own: FigureHooks = { ...hooks, changed: () => this.board.figureChanged(), arrived: (frame) => this.board.redraw(frame) };
    [this.side, this.lower] = [sideFigures.map((make) => make(own)), lowerFigures.map((make) => make(own))];
    this.figures = [...this.side, ...this.lower];
    this.ofRun = new Set(this.figures.filter(({ of }) => of === 'run'));
    for (const { frame, of } of this.figures) if (of === 'trace') frame.offer(...traceCopies);
    for (const figure of this.figures) this.board.add(figure, () => this.scene && figure.draw({ ...this.scene, width: figure.frame.element.clientWidth }));
  }

  /** Draws what can be seen of a run and its trace; `run`: its trace is the same. */
  draw(what: 'all' | 'run', look: Look, run: RunInfo, session: Session, wantedLag: number | undefined): void {
    if (this.figures.every(({ frame }) => frame.element.clientWidth === 0)) return;
    const lossUnit = lossUnitOf(session);
    const sameTrace = what === 'run' && this.scene?.trace === session.trace && this.scene?.wantedLag === wantedLag;
    this.scene = { ...look, run, metrics: session.metrics.current, stacks: session.state?.stacks ?? [], unit: lossUnit, ...(session.trace ? { trace: session.trace } : {}), ...(wantedLag === undefined ? {} : { wantedLag }) };
    this.board.draw((figure) => !sameTrace || this.ofRun.has(figure));
  }

  /** Draws the figures that waited for numbers. */
  drawWaiting(): void {
    this.board.drawWaiting();
  }
}

/** What the losses are counted in, as far as task and trace tell. */
function lossUnitOf({ state, trace }: Session): string {
  if (trace?.summary.values || state?.task === 'forecast') return 'squared error';
  return state?.task === 'language-model' ? 'nats per token' : trace ? 'nats' : '';
}
