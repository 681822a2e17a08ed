import type { ConnectionKind } from '../../src/spec/schema';
import type { RunMetrics, TextTrace } from '../../src/shared/run';
import { bandOverUnits, meanOverUnits, type Band } from '../plots/bandModel';
import { flowByLag, reachOf, type Reading } from '../../src/shared/flow';
import { normsOverUnits, partialCellGradient } from '../plots/gradientModel';
import { flowMatrix, type Series } from '../plots/numbers';
import type { TokenColumns } from '../plots/tokenModel';
import { orderUnits, type UnitOrder } from '../plots/unitOrder';
import type { TimeAxis } from '../plots/timeAxis';
import type { Theme } from '../theme';

/** One direction of one layer of a trace, with what the figures derive from it, each computed once. */
export class LayerTrace {
  private readonly bands = new Map<string, Band>();
  private readonly means = new Map<string, Float64Array>();
  private readonly norms = new Map<string, Float64Array>();
  private lagCurve?: { readonly mean: Float64Array; readonly reach: number };
  private unitOrder?: UnitOrder;

  constructor(
    readonly index: number,
    readonly reading: Reading,
    readonly cell: TextTrace['layers'][number]['cell'],
    readonly units: number,
    /** By the trace's names behind `layer{l}.{direction}.`: `h`, `gate.forget`, `grad.h.partial`, `flow` … */
    private readonly series: ReadonlyMap<string, Series>,
  ) {}

  get(name: string): Series | undefined {
    return this.series.get(name);
  }

  band(name: string): Band | undefined {
    return this.derive(this.bands, name, bandOverUnits);
  }

  mean(name: string): Float64Array | undefined {
    return this.derive(this.means, name, meanOverUnits);
  }

  /** ‖·‖₂ over units at each step; `grad.c.partial` is derived for an LSTM. */
  norm(name: string): Float64Array | undefined {
    if (name === 'grad.c.partial' && !this.norms.has(name)) {
      const [partial, output, cell] = [this.get('grad.h.partial'), this.get('gate.output'), this.get('c')];
      if (partial && output && cell) this.norms.set(name, normsOverUnits(partialCellGradient(partial, output, cell)));
    }
    return this.derive(this.norms, name, normsOverUnits);
  }

  /** Mean of the flow matrix along its diagonals, and its reach. */
  get byLag(): { readonly mean: Float64Array; readonly reach: number } {
    if (!this.lagCurve) {
      const flow = this.get('flow');
      const mean = flow ? flowByLag(flowMatrix(flow), this.reading) : new Float64Array(0);
      this.lagCurve = { mean, reach: reachOf(mean) };
    }
    return this.lagCurve;
  }

  /** Rows of the unit × time heatmaps. */
  get order(): UnitOrder {
    this.unitOrder ??= orderUnits(this.units, this.get('gate.forget') ?? this.get('gate.update'));
    return this.unitOrder;
  }

  private derive<T>(known: Map<string, T>, name: string, compute: (series: Series) => T): T | undefined {
    const had = known.get(name);
    if (had !== undefined) return had;
    const series = this.get(name);
    if (!series) return undefined;
    const made = compute(series);
    known.set(name, made);
    return made;
  }
}

/** A traced text, with the layer that is shown. */
export interface TraceScene {
  readonly summary: Pick<TextTrace, 'step' | 'layers' | 'milliseconds' | 'predictions' | 'targets'>;
  readonly columns: TokenColumns;
  readonly layer: LayerTrace;
  readonly connection: ConnectionKind;
}

/** A unit that a person picked in an open heatmap. */
export interface PickedUnit {
  readonly track: string;
  readonly unit: number;
}

/** All that the time figures draw: one axis, one crosshair, one pinned loss. */
export interface Scene extends TraceScene {
  readonly theme: Theme;
  readonly axis: TimeAxis;
  readonly narrow: 'narrow' | 'wide';
  /** Position t of the pinned loss ℓₜ: what step t predicted. */
  readonly pinned?: number;
  readonly clip?: RunMetrics['clip'];
}

/** A figure on the time axis. */
export interface TimeFigure {
  readonly element: HTMLElement;
  draw(scene: Scene): void;
  /** ↑ and ↓: another unit or row. */
  moveRow?(by: number): void;
}
