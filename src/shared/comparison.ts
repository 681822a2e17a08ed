import type { Evaluation, RunInfo } from './run';

/** A training curve in few points; the arrays are of equal length. */
export interface ComparedCurve {
  readonly step: readonly number[];
  /** Seconds of training up to and with this step, evaluations and waiting left out; absent where they were not recorded. */
  readonly seconds?: readonly number[];
  /** Mean over the steps since the point before; null where it is not finite. */
  readonly loss: readonly (number | null)[];
}

/** The validation loss after so many steps and seconds of training. */
export interface ComparedEvaluation extends Evaluation {
  readonly seconds?: number;
}

/** One trained model beside others. Everything is plain JSON. */
export interface ComparedModel {
  /** Tells it from the others. */
  readonly label: string;
  /** The run's folder. */
  readonly run: string;
  /** Absolute path of its spec. */
  readonly spec: string;
  readonly state: RunInfo['state'];
  /** Why it ended as it did, where that needs saying. */
  readonly reason?: string;
  /** Layers from the input upwards: `LSTM 128 + LSTM 128`. */
  readonly layers: string;
  /** The cell of all layers, when they agree. */
  readonly cell?: 'rnn' | 'lstm' | 'gru';
  readonly lossKind: 'tokens' | 'values' | 'class';
  readonly parameters: number;
  /** Updates made. */
  readonly steps: number;
  /** Seconds of training in all. */
  readonly seconds?: number;
  /** Median over the steps: what comes late or is disturbed once does not count. */
  readonly tokensPerSecond?: number;
  /** Mean training loss of the last tenth of the steps, at most 100: one batch alone is noisy. */
  readonly loss?: number;
  /** Newest validation loss. */
  readonly validationLoss?: number;
  /** `validationLoss` (`loss` where nothing is held out) over ln 2, for losses in nats a token. */
  readonly bitsPerToken?: number;
  readonly curve: ComparedCurve;
  readonly evaluations: readonly ComparedEvaluation[];
  /** Mean flow of the lowest layer (forward) at lag 0, 1, …: there the paths through every layer and timestep have arrived. */
  readonly lags?: readonly number[];
  /** Largest lag at which `lags` is still 1 % of its value at lag 0. */
  readonly reach?: number;
  /** Why there are no lags. */
  readonly noLags?: string;
}

/** What is compared; plain JSON, which the page keeps so that a restarted window can show it again. */
export interface CompareTarget {
  readonly title: string;
  /** Folders of the runs, in the order they are shown. */
  readonly runs: readonly string[];
  /** What to call them, by folder; default: the models' names. */
  readonly labels?: Readonly<Record<string, string>>;
  /** `cells`: the runs differ in their cell only, and this many will come; a sentence weighs them when all have ended. `tried`: a spec as it is, then with this edit. */
  readonly kind: 'runs' | { readonly cells: number } | { readonly tried: string };
}

/** What the page of a comparison shows. */
export interface ComparisonView {
  readonly target: CompareTarget;
  /** What the numbers say, in a sentence. */
  readonly sentence?: string;
  /** What the models read for the gradient by lag; absent where each read the first held-out samples of its own data. */
  readonly text?: string;
  readonly models: readonly ComparedModel[];
}

/** What the host does for the page of a comparison. */
export type CompareHostService = {
  comparison(nothing: null, signal: AbortSignal): Promise<ComparisonView>;
};

/** What the page does for the host. */
export type CompareViewService = {
  /** Some run went on, or others are shown: ask again. What was asked of other runs is of no use any more. */
  changed(change: { readonly what: 'progress' | 'target' }): void;
};
