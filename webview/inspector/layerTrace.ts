import type { TracedLayer } from '../../src/shared/run';
import { reachOf, type Reading } from '../../src/shared/flow';
import { columnRows, spreadRows, type TensorView } from '../../src/shared/tensorView';
import type { Numbers } from '../plots/numbers';
import { binFor, tilesBeside, tilesOver, wholeTile, type Cells, type CellTile, type Tile } from '../plots/tiles';
import { timeConstantsOf } from '../plots/unitOrder';
import { partsOf, type TraceViews, type ViewNumbers } from './traceViews';

/** A text of so many steps is shown by a few tiles, which are all there at once. */
const fewSteps = 512;

/** How the units of a layer spread at each timestep; every array is [steps]. */
export type Spread = Readonly<Record<(typeof spreadRows)[number], Numbers>>;

/** What each unit did over the whole text; every array is [units]: its mean, and the shares of steps below 0.1 and above 0.9. */
export type UnitStatistics = Readonly<Record<(typeof columnRows)[number], Numbers>>;

/** The flow matrix by lag. */
export interface LagCurve {
  /** Mean of ‖∂ℓₜ/∂hₖ‖ over all pairs that are `lag` steps apart. */
  readonly mean: Numbers;
  /** Largest lag that still has 1 % of lag 0. */
  readonly reach: number;
}

/**
 * One direction of one layer of a trace. Whatever a figure reads here comes from the host the first time it is
 * asked for: until then it is undefined, and the figure is drawn again when it has come.
 */
export class LayerTrace {
  constructor(
    readonly index: number,
    readonly reading: Reading,
    private readonly shape: TracedLayer,
    /** Timesteps of the trace. */
    readonly steps: number,
    /** Rows of its flow matrix: a loss for each step, or one at the end. */
    readonly flowRows: number,
    /** Losses of the trace. */
    readonly losses: number,
    /** Names of the tensors, behind `{prefix}.{direction}.`. */
    private readonly names: ReadonlySet<string>,
    private readonly views: TraceViews,
  ) {}

  get cell(): TracedLayer['cell'] {
    return this.shape.cell;
  }

  get units(): number {
    return this.shape.units;
  }

  /** Which losses reach a step: those at or after it (`later`; at or before it when the layer reads in reverse), or all, when they belong to the text that a decoder writes. */
  get reached(): 'later' | 'all' {
    return this.shape.reads === 'source' ? 'all' : 'later';
  }

  /** Can the loss of step t flow back to the layer's step k? */
  reaches(t: number, k: number): 'yes' | 'no' {
    return this.reached === 'all' || (this.reading === 'forward' ? k <= t : k >= t) ? 'yes' : 'no';
  }

  /** Step whose loss a row of the flow matrix holds. */
  stepOfRow(row: number): number {
    return this.flowRows === 1 ? this.steps - 1 : row;
  }

  /** ‖∂ℓₜ/∂hₖ‖ over k, [steps], of the loss of step t; NaN where it has none. */
  flowRow(t: number): Numbers | undefined {
    return this.row('flow', this.flowRows === 1 ? 0 : t);
  }

  /** Does the trace hold this tensor? `grad.c.partial` follows from others for an LSTM. */
  has(name: string): boolean {
    return this.names.has(name) || (name === 'grad.c.partial' && this.cell === 'lstm');
  }

  /** How the units spread at each step. */
  spread(name: string): Spread | undefined {
    const found = this.has(name) ? this.views.get({ of: 'spread', name: this.full(name) }) : undefined;
    return found && (partsOf(spreadRows, found) as Spread);
  }

  /** ‖·‖₂ over units at each step, [steps]. */
  norm(name: string): Numbers | undefined {
    return this.spread(name)?.norm;
  }

  /** Mean over units at each step, [steps]. */
  mean(name: string): Numbers | undefined {
    return this.spread(name)?.mean;
  }

  /** What each unit did over the whole text. */
  statistics(name: string): UnitStatistics | undefined {
    const found = this.has(name) ? this.views.get({ of: 'columns', name: this.full(name) }) : undefined;
    return found && (partsOf(columnRows, found) as UnitStatistics);
  }

  /** One row of a tensor as it is: all units at step t. */
  row(name: string, t: number): Numbers | undefined {
    const rows = this.has(name) && t >= 0 ? this.views.get({ of: 'rows', name: this.full(name), first: t, count: 1 })?.data : undefined;
    return rows && rows.length > 0 ? rows : undefined;
  }

  /** One number: unit (or step) `column` of row t; taken from tiles that are here where they hold single numbers. */
  value(name: string, t: number, column: number): number | undefined {
    for (const tile of tilesOver({ first: t, count: 1, bin: 1 }, this.steps)) {
      const cells = this.has(name) ? this.views.peek(this.cellsView(name, tile)) : undefined;
      if (cells && name !== 'flow') return cells.data[(t - tile.first) * this.units + column];
    }
    return this.row(name, t)?.[column];
  }

  /** Tiles of a unit × time heatmap over steps [first, first + count), none finer than `pixels` can show. Tiles that are still on their way are left out. */
  tiles(name: string, first: number, count: number, pixels: number): readonly CellTile[] {
    if (!this.has(name)) return [];
    const bin = binFor(count, pixels);
    if (this.steps > fewSteps) for (const tile of tilesBeside({ first, count, bin }, this.steps)) this.views.prefetch(this.cellsView(name, tile));
    return tilesOver({ first, count, bin }, this.steps).flatMap((tile) => {
      const found = this.views.get(this.cellsView(name, tile));
      return found ? [{ ...tile, cells: cellsOf(found) }] : [];
    });
  }

  /** A coarse tile of all steps, for a text that is longer than a few tiles: what is seen until finer ones have come. */
  wholeTile(name: string): CellTile | undefined {
    if (!this.has(name) || this.steps <= fewSteps) return undefined;
    const tile = wholeTile(this.steps);
    const found = this.views.get(this.cellsView(name, tile));
    return found && { ...tile, cells: cellsOf(found) };
  }

  /** Cells of the flow matrix: losses [first, first + count) down, steps [left, left + width) across. */
  flowCells(ask: { readonly first: number; readonly count: number; readonly bin: number; readonly left: number; readonly width: number; readonly widthBin: number }): Cells | undefined {
    const found = this.has('flow') ? this.views.get({ of: 'cells', name: this.full('flow'), ...ask }) : undefined;
    return found && cellsOf(found);
  }

  /** Mean of the flow matrix along its diagonals, and its reach; there are no lags between a decoder's losses and an encoder's steps. */
  get byLag(): LagCurve | undefined {
    const found = this.has('flow') && this.reached === 'later' ? this.views.get({ of: 'lags', name: this.full('flow'), reading: this.reading }) : undefined;
    return found && { mean: found.data, reach: reachOf(found.data) };
  }

  /** Σₜ ‖∂ℓₜ/∂hₖ‖ for each step k, [steps]: without the cancelling that ‖Σₜ ∂ℓₜ/∂hₖ‖ has. */
  get flowSums(): Numbers | undefined {
    return this.has('flow') ? this.views.get({ of: 'sums', name: this.full('flow') })?.data : undefined;
  }

  /** The gate that keeps state, where 1 keeps: the LSTM's forget gate, the GRU's z. */
  get keepGate(): string | undefined {
    return ['gate.forget', 'gate.update'].find((name) => this.has(name));
  }

  /** τ = −1 / ln(mean keep gate) of each unit in steps, [units]; undefined without such a gate. */
  get timeConstants(): Float64Array | undefined {
    const { keepGate } = this;
    const statistics = keepGate === undefined ? undefined : this.statistics(keepGate);
    return statistics && timeConstantsOf(statistics.mean);
  }

  private cellsView(name: string, tile: Tile): TensorView {
    return { of: 'cells', name: this.full(name), ...tile, left: 0, width: this.units, widthBin: 1 };
  }

  /** A tensor's name in the trace. */
  full(name: string): string {
    return `${this.shape.prefix}.${this.reading}.${name}`;
  }
}

/** The same cells for the same view, so that images of them can be kept. */
const known = new WeakMap<ViewNumbers, Cells>();

function cellsOf(view: ViewNumbers): Cells {
  const had = known.get(view);
  if (had) return had;
  const [, rows = 0, columns = 0] = view.shape;
  const cells = { rows, columns, low: view.data.subarray(0, rows * columns), high: view.data.subarray(rows * columns) };
  known.set(view, cells);
  return cells;
}
