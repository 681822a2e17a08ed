import type { Diagnosis, DiagnosisProgress, Fix, TriedEdit } from './diagnosis';
import type { InitialStack } from './initialNetwork';
import type { BatchGradients, Evaluation, RunInfo, RunMetrics, SampleChoice, SampleTrace } from './run';
import type { TensorView } from './tensorView';
import type { ModelWeights } from './weights';

/**
 * What the Inspector's page and the extension host say to each other, over `rpc.ts`.
 *
 * The host owns all data. It says *that* something changed; the page asks for what it shows,
 * when it shows it. Numbers travel as ArrayBuffers: VS Code turns messages into JSON except for
 * those, which would lose NaN, Infinity, Map and typed arrays.
 */

/** A tensor on its way: `data` holds `shape`'s elements, little-endian, row-major. */
export interface WireTensor {
  readonly dtype: 'F32' | 'F64';
  readonly shape: readonly number[];
  readonly data: ArrayBuffer;
}

/** Name and size of a tensor that can be asked for: one of floats. */
export interface TensorEntry {
  readonly name: string;
  readonly shape: readonly number[];
}

/** The spec under inspection and its runs. */
export interface InspectorState {
  readonly specPath: string;
  /** The spec's name, or its file's when it cannot be read. */
  readonly name: string;
  /** `task.kind`, when the spec can be read. */
  readonly task?: string;
  /** The spec's `inspect.text`. */
  readonly sample?: string;
  /** What the spec's layers are before any training, when it can be read. */
  readonly stacks?: readonly InitialStack[];
  /** Newest first. */
  readonly runs: readonly RunInfo[];
  /** Why the spec cannot be read, for a person. */
  readonly problem?: string;
  /** What somebody asked the panel to show, until the page says with `heard` that it does: a page can be thrown away with an answer under way. */
  readonly asked?: { readonly target: InspectorTarget; readonly request: number };
}

/** What to show. */
export interface InspectorTarget {
  /** Absolute path of the spec. */
  readonly specPath: string;
  /** The run's folder; default: the newest run. */
  readonly run?: string;
  /** A stored step; default: the newest weights. */
  readonly checkpoint?: number;
  /** What to do once it is shown. */
  readonly then?: 'diagnose';
}

/**
 * Part of a run's curve from index `from` on: `MetricsColumns` as buffers, F64 but for `clipped` (U8). A run that
 * recorded less lacks the later columns. `columnsOfWire` reads them back.
 */
export interface WireMetrics {
  readonly from: number;
  readonly step: ArrayBuffer;
  readonly loss: ArrayBuffer;
  readonly gradNorm: ArrayBuffer;
  readonly clipped: ArrayBuffer;
  readonly learningRate: ArrayBuffer;
  readonly normAfter?: ArrayBuffer;
  readonly largest?: WireLargest;
  readonly clipAngle?: ArrayBuffer;
  readonly seconds?: ArrayBuffer;
  readonly tokens?: ArrayBuffer;
  readonly evaluations: readonly Evaluation[];
  readonly clip?: RunMetrics['clip'];
  readonly references: RunMetrics['references'];
}

/** The parameter that gave most of each step's gradient norm. */
export interface WireLargest {
  /** Parameters by their first appearance in this part. */
  readonly names: readonly string[];
  /** Place in `names` (I32); −1 where nothing was recorded. */
  readonly index: ArrayBuffer;
  /** Share of ‖g‖², 0 to 1; NaN where nothing was recorded. */
  readonly share: ArrayBuffer;
}

/** Which weights: a stored step, the newest stored ones, or those of the training under way. */
export type Checkpoint = number | 'latest' | 'live';

/** A trace that the host holds; its tensors are asked for by name. */
export interface TraceSummary extends Omit<SampleTrace, 'tensors'> {
  /** Names it in `tensors`. */
  readonly trace: number;
  readonly tensors: readonly TensorEntry[];
}

/** The gradients of a batch that the host holds. */
export interface GradientsSummary extends Omit<BatchGradients, 'tensors'> {
  /** Names them in `views`. */
  readonly trace: number;
  readonly tensors: readonly TensorEntry[];
}

/** Parameters that the host holds. */
export interface WeightsSummary extends Omit<ModelWeights, 'tensors'> {
  /** Names them in `views`. */
  readonly trace: number;
  readonly tensors: readonly TensorEntry[];
}

/** A diagnosis, and what was tried on the model since. */
export interface DiagnosisView {
  readonly diagnosis: Diagnosis;
  readonly tried: readonly TriedEdit[];
}

/** What the host does for the page. */
export type HostService = {
  state(nothing: null): Promise<InspectorState>;
  /** The curve of the run in this folder, from entry `from` on. */
  metrics(request: { readonly run: string; readonly from: number }): Promise<WireMetrics>;
  /** Traces a sample (default: that of the spec, or else the first held-out one) with the weights of a checkpoint. */
  openTrace(request: { readonly run: string; readonly checkpoint: Checkpoint; readonly sample?: SampleChoice; readonly flow?: 'with-flow' | 'without-flow' }, signal: AbortSignal): Promise<TraceSummary>;
  /** Traces held-out sequences that are as long as the sample: how their gradients spread, to be seen through `views`. */
  openGradients(request: { readonly run: string; readonly checkpoint: Checkpoint; readonly sample?: SampleChoice; readonly loss: 'all' | number }, signal: AbortSignal): Promise<GradientsSummary>;
  /** What each view shows of its tensor; fails when the host no longer holds the trace. */
  views(request: { readonly trace: number; readonly views: readonly TensorView[] }): Promise<readonly WireTensor[]>;
  /** Largest difference between the hidden states that both processing orders come to on a sample. */
  orderDifference(request: { readonly run: string; readonly checkpoint: Checkpoint; readonly sample?: SampleChoice }, signal: AbortSignal): Promise<number>;
  /** The parameters of a checkpoint, to be seen through `views` as a trace is. */
  openWeights(request: { readonly run: string; readonly checkpoint: Checkpoint }, signal: AbortSignal): Promise<WeightsSummary>;
  /** Why the model does, or does not, use the past; `ViewService.diagnosing` tells how far it is. */
  diagnose(request: { readonly run?: string; readonly checkpoint: Checkpoint }, signal: AbortSignal): Promise<DiagnosisView>;
  /** What was found out about these weights before, while the window is open; null where nothing was. */
  diagnosed(request: { readonly run?: string; readonly checkpoint: Checkpoint }): Promise<DiagnosisView | null>;
  /** Opens what the edit would change in the spec; nothing changes by itself. */
  previewFix(fix: Fix): Promise<void>;
  /** Trains the spec as it is and with the edit, side by side; resolves with all that was tried on the run. */
  tryFix(request: { readonly run?: string; readonly fix: Fix }): Promise<readonly TriedEdit[]>;
  /** Starts a training of the spec. */
  train(nothing: null): Promise<void>;
  stop(request: { readonly run: string }): Promise<void>;
  openSpec(nothing: null): Promise<void>;
  showLog(nothing: null): Promise<void>;
  /** The page shows what it was asked to. */
  heard(what: { readonly request: number }): void;
};

/** What the page does for the host. */
export type ViewService = {
  /** A run went on, or (without one) anything changed: ask again. */
  changed(change: { readonly run?: RunInfo }): void;
  /** How far the diagnosis is. */
  diagnosing(progress: DiagnosisProgress): void;
};
