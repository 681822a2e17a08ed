import type { WireMetrics } from './inspectorProtocol';
import type { RunInfo } from './run';

/** What the *Live* view shows of one run; the curve and the sample are asked for by themselves. */
export interface LiveState {
  /** The newest training under way, else the run that moved last; absent when the workspace has none. */
  readonly run?: RunInfo;
  /** What a loss is counted in, e.g. `nats a character`. */
  readonly lossUnit: string;
  /** What a timestep holds, in the plural, e.g. `characters`. */
  readonly tokenWord: string;
  /** Whether the model can write a sample. */
  readonly writes: boolean;
}

/** A text that a checkpoint wrote. */
export interface LiveSample {
  readonly step: number;
  readonly temperature: number;
  /** What it was given to begin with. */
  readonly prompt: string;
  readonly text: string;
}

/** What the host does for the page. */
export type LiveHostService = {
  state(nothing: null): Promise<LiveState>;
  /** The curve of the run in this folder, from entry `from` on. */
  metrics(request: { readonly run: string; readonly from: number }): Promise<WireMetrics>;
  /** Lets a stored step write; the same request writes the same text. */
  sample(request: { readonly run: string; readonly step: number }, signal: AbortSignal): Promise<LiveSample>;
  copy(request: { readonly text: string }): Promise<void>;
  newModel(nothing: null): Promise<void>;
};

/** What the page does for the host. */
export type LiveViewService = {
  /** The shown run went on, or another is shown now. */
  changed(nothing: null): void;
};
