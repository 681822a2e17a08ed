import type { Tensors } from './tensor';

/** Where a run stands; kept in `run.json`. A `running` run whose process is gone is read back as `interrupted`. */
export type RunState = 'preparing' | 'running' | 'stopping' | 'done' | 'stopped' | 'interrupted' | 'diverged' | 'failed';

/** A run as lists and status lines show it. */
export interface RunInfo {
  /** Name of the run's folder, sortable by time of start. */
  readonly id: string;
  /** Absolute path of the run's folder. */
  readonly folder: string;
  /** Absolute path of the spec it was started from. */
  readonly specPath: string;
  readonly name: string;
  readonly state: RunState;
  /** Updates made so far, and to make in all. */
  readonly step: number;
  readonly steps: number;
  /** Newest training and validation loss, in nats a token or squared units. */
  readonly loss?: number;
  readonly validationLoss?: number;
  readonly gradNorm?: number;
  /** Over the last second or two while it trains, over all its updates when it has ended. */
  readonly tokensPerSecond?: number;
  /** Number of trained parameters. */
  readonly parameters: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Steps that have a stored checkpoint, ascending. */
  readonly checkpoints: readonly number[];
  /** Why it failed, diverged or was interrupted, for a person. */
  readonly reason?: string;
}

/** The curve of a run, one entry a step, columns of equal length. */
export interface MetricsColumns {
  readonly step: Float64Array;
  /** Mean loss of the step's batch. */
  readonly loss: Float64Array;
  /** Global norm before clipping. */
  readonly gradNorm: Float64Array;
  /** 1 where clipping engaged. */
  readonly clipped: Uint8Array;
  readonly learningRate: Float64Array;
  /** Global norm after clipping; NaN where it was not recorded. */
  readonly normAfter?: Float64Array;
  /** The parameter that gave most of the norm before clipping; empty where it was not recorded. */
  readonly largestParameter?: readonly string[];
  /** Its share of ‖g‖², 0 to 1; NaN where it was not recorded. */
  readonly largestShare?: Float64Array;
  /** Degrees by which clipping by value turned the gradient; NaN for other clipping and where it was not recorded. */
  readonly clipAngle?: Float64Array;
  /** How long each update took, evaluations and waiting left out; NaN where it was not recorded. */
  readonly seconds?: Float64Array;
  /** Timesteps it trained on, padding left out; NaN where it was not recorded. */
  readonly tokens?: Float64Array;
}

export interface Evaluation {
  readonly step: number;
  readonly validationLoss: number;
}

export interface RunMetrics {
  readonly columns: MetricsColumns;
  readonly evaluations: readonly Evaluation[];
  /** Threshold of norm or value clipping, when the spec has one. */
  readonly clip?: { readonly kind: 'norm' | 'value'; readonly threshold: number };
  /** Loss of knowing nothing (ln V for tokens) and of token frequencies alone, where they apply. */
  readonly references: readonly { readonly label: string; readonly loss: number }[];
}

/** A trace of one text: what the Inspector draws. T timesteps, one sequence (B = 1). */
export interface TextTrace {
  /** Step of the weights that were traced. */
  readonly step: number;
  /** Token t as a person reads it, T of them: what the model reads at step t. */
  readonly tokens: readonly string[];
  /** What it should predict at step t, T of them (the last is absent when the text ends there). */
  readonly targets: readonly string[];
  /** The three most likely next tokens at each step, most likely first. */
  readonly predictions: readonly (readonly { readonly token: string; readonly probability: number }[])[];
  /** Contract section 5, for B = 1. */
  readonly tensors: Tensors;
  readonly layers: readonly {
    readonly cell: 'rnn' | 'lstm' | 'gru';
    readonly units: number;
    readonly directions: readonly ('forward' | 'reverse')[];
    readonly connection: 'none' | 'residual' | 'dense' | 'highway';
  }[];
  /** How long the trace took in the engine. */
  readonly milliseconds: number;
}
