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
  /** Whether the model has a sample to show. */
  readonly writes: boolean;
}

/** What the model of a stored step made of a sample. */
export interface LiveSample {
  readonly step: number;
  /** How, in a few words: `temperature 0.6`, `a held-out example`. */
  readonly how: string;
  /** What it was given: to go on with, or to answer. */
  readonly prompt: string;
  /** What it wrote or answered. */
  readonly text: string;
  /** The right answer, where there is one. */
  readonly right?: string;
  /** Both, answer by answer, where each of them is right or wrong: tokens, not values. */
  readonly answers?: readonly LiveAnswer[];
}

/** One answer beside what would be right in its place; either is empty where the other has no counterpart. */
export interface LiveAnswer {
  readonly given: string;
  readonly right: string;
}

/** What the host does for the page. */
export type LiveHostService = {
  state(nothing: null): Promise<LiveState>;
  /** The curve of the run in this folder, from entry `from` on. */
  metrics(request: { readonly run: string; readonly from: number }): Promise<WireMetrics>;
  /** Lets a stored step write or answer; the same request gives the same text. */
  sample(request: { readonly run: string; readonly step: number }, signal: AbortSignal): Promise<LiveSample>;
  copy(request: { readonly text: string }): Promise<void>;
  newModel(nothing: null): Promise<void>;
};

/** What the page does for the host. */
export type LiveViewService = {
  /** The shown run went on, or another is shown now. */
  changed(nothing: null): void;
};
