import { lossOfColumn } from '../plots/tokenModel';
import type { PickedUnit, TraceScene } from './scene';
import type { ViewStore } from './viewStore';

/** What the pointer needs to know. */
export interface PointerHooks {
  trace(): TraceScene | undefined;
  /** The crosshair, or what the readout says, moved. */
  moved(column: number): void;
  /** The crosshair has to come into the window. */
  reveal(column: number): void;
}

/** Where the crosshair stands, what else is pointed at, and which loss is pinned. */
export class Pointer {
  row?: number;
  unit?: PickedUnit;

  constructor(
    private readonly store: ViewStore,
    private readonly hooks: PointerHooks,
  ) {}

  /** Column under the crosshair; the last step until somebody moved it. */
  get column(): number {
    const columns = this.hooks.trace()?.columns;
    return Math.min(this.lastColumn, this.store.current.cursor ?? Math.max(0, (columns?.steps ?? 1) - 1));
  }

  /** Position of the pinned loss: the last one until somebody chose. */
  get pinned(): number | undefined {
    const { pinned } = this.store.current;
    const losses = this.hooks.trace()?.summary.losses ?? [];
    if (pinned === 'none') return undefined;
    if (pinned !== 'last' && typeof losses[pinned] === 'number') return pinned;
    for (let t = losses.length - 1; t >= 0; t--) if (typeof losses[t] === 'number') return t;
    return undefined;
  }

  private get lastColumn(): number {
    return Math.max(0, (this.hooks.trace()?.columns.tokens.length ?? 1) - 1);
  }

  /** Puts the crosshair on a column. */
  point(column: number): void {
    this.store.keep({ cursor: column });
    this.hooks.moved(column);
  }

  /** Moves it by some columns, or to an end. */
  move(by: number | 'first' | 'last'): void {
    const column = by === 'first' ? 0 : by === 'last' ? this.lastColumn : Math.min(this.lastColumn, Math.max(0, this.column + by));
    this.hooks.reveal(column);
    this.point(column);
  }

  /** Notes a unit or a row; what is not named stays. */
  note(what: { readonly unit?: PickedUnit | undefined; readonly row?: number | undefined }): void {
    if ('unit' in what) this.unit = what.unit;
    if ('row' in what) this.row = what.row;
    this.hooks.moved(this.column);
  }

  /** Pins the loss of step t, where it has one. */
  readonly pin = (t: number | undefined): void => {
    if (t !== undefined && typeof this.hooks.trace()?.summary.losses[t] === 'number') this.store.change({ pinned: t });
  };

  /** Pins the loss of what stands on a column. */
  pinColumn(column: number): void {
    const columns = this.hooks.trace()?.columns;
    if (columns) this.pin(lossOfColumn(columns, column));
  }
}
