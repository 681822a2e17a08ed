import type { Checkpoint, HostService, TraceSummary } from '../../src/shared/inspectorProtocol';
import type { Remote } from '../../src/shared/rpc';
import type { InitialStack } from '../../src/shared/initialNetwork';
import type { RunInfo, RunMetrics, SampleChoice } from '../../src/shared/run';
import type { ConnectionKind } from '../../src/spec/schema';
import type { TimeAxis } from '../plots/timeAxis';
import type { TokenColumns } from '../plots/tokenModel';
import type { Theme } from '../theme';
import type { FigureFrame } from '../ui/figure';
import type { Batches } from './batches';
import type { LayerTrace } from './layerTrace';
import type { TraceViews } from './traceViews';
import type { ViewState } from './viewState';

/** Which weights and sample a trace was asked for. */
export interface AskedTrace {
  /** The run's folder. */
  readonly run: string;
  readonly checkpoint: Checkpoint;
  /** Absent: the sample of the spec. */
  readonly sample?: SampleChoice;
  /** Without the flow matrices while they are on their way. */
  readonly flow: 'with-flow' | 'without-flow';
}

/** A traced text, with the layer that is shown. */
export interface TraceScene {
  readonly asked: AskedTrace;
  readonly summary: TraceSummary;
  readonly columns: TokenColumns;
  readonly layer: LayerTrace;
  readonly connection: ConnectionKind;
  /** Views of tensors that belong to no layer's direction: `layer{l}.connection.gate`, `output.logits` … */
  readonly views: TraceViews;
  /** Names of all tensors of the trace. */
  readonly tensors: ReadonlySet<string>;
}

/** A unit that a person picked in an open heatmap. */
export interface PickedUnit {
  readonly track: string;
  readonly unit: number;
}

/** What every figure is drawn with. */
export interface Look {
  readonly theme: Theme;
  readonly narrow: 'narrow' | 'wide';
  readonly view: ViewState;
  /** Time of `performance.now()` until which this drawing may make images; what is left waits for the next frame. */
  readonly until: number;
}

/** All that the time figures draw: one axis, one crosshair, one pinned loss. */
export interface Scene extends TraceScene, Look {
  readonly axis: TimeAxis;
  /** Position t of the pinned loss ℓₜ: what step t predicted. */
  readonly pinned?: number;
  readonly clip?: RunMetrics['clip'];
  /** The same layer of what is shown beside it: both share their scales. */
  readonly others: readonly LayerTrace[];
  /** Gradients of held-out sequences that are as long. */
  readonly batches: Batches;
}

/** What the figures beside the time axis draw. */
export interface SideScene extends Look {
  /** Room for plots in CSS pixels. */
  readonly width: number;
  readonly run: RunInfo;
  readonly metrics: RunMetrics;
  /** The spec's layers before any training; empty while it cannot be read. */
  readonly stacks: readonly InitialStack[];
  /** The lag that the data want, once a diagnosis of these weights found one. */
  readonly wantedLag?: number;
  /** What the loss is counted in: `nats per token` …; empty when that is not known. */
  readonly unit: string;
  /** Absent while nothing is traced yet, and for tasks without a sample. */
  readonly trace?: TraceScene;
}

/** What a figure may ask of the panel. */
export interface FigureHooks {
  /** The choices as they stand. */
  view(): ViewState;
  /** Changes choices, keeps them, and draws. */
  change(part: Partial<ViewState>): void;
  /** Keeps one figure's own choice under a name (`gates.sort`), read from `view().options`. */
  choose(option: string, value: string): void;
  /** It must be drawn again: collapsed, expanded, turned to its table and back. */
  changed(): void;
  /** Numbers have come that this figure asked for by itself: draws it alone. */
  arrived(frame: FigureFrame): void;
  /** It could not draw everything in one frame: draws the time figures with the next one. */
  again(): void;
  /** Pins the loss ℓₜ at a position. */
  pin(position: number | undefined): void;
  /** The readout shows this unit, or this row of the flow matrix, beside the step; what is not named stays. */
  point(what: { readonly unit?: PickedUnit | undefined; readonly row?: number | undefined }): void;
  /** Moves the window of the time axis. */
  centreOn(column: number): void;
  readonly host: Remote<HostService>;
}

/** What all figures have. */
export interface Figure {
  readonly frame: FigureFrame;
  /** ↑ and ↓: another unit or row. */
  moveRow?(by: number): void;
  /** Position of the loss that Enter pins; absent or undefined: that of the column under the crosshair. */
  readonly pinnable?: number | undefined;
  /** Esc. */
  clear?(): void;
}

/** A figure on the time axis: column t is the same x in all of them. Each `.plot` element in its body gets the crosshair. */
export interface TimeFigure extends Figure {
  draw(scene: Scene): void;
}

/** A figure beside the time axis. */
export interface SideFigure extends Figure {
  /** Draws nothing when there is nothing to show: says in the body what is missing instead. */
  draw(scene: SideScene): void;
  /** What it draws: the trace, or what the run left. */
  readonly of: 'trace' | 'run';
  /** ← → Home End, where a figure has a crosshair of its own. */
  moveColumn?(by: number | 'first' | 'last'): void;
}
