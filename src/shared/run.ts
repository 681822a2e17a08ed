import type { Tensors } from './tensor';

/** Where a run stands; kept in `run.json`. A `running` run whose process is gone is read back as `interrupted`. */
export type RunState = 'running' | 'stopping' | 'done' | 'stopped' | 'interrupted' | 'diverged' | 'failed';

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

/** Which sample is traced: a held-out one, counted from 0, or a text that a person typed. */
export type SampleChoice = { readonly kind: 'held-out'; readonly index: number } | { readonly kind: 'text'; readonly text: string };

/**
 * Where the right answer to step t stands: `next`: it is what step t + 1 reads (texts, a translation's target);
 * `here`: it is of step t itself (tags, forecasts, most synthetic problems); `end`: one for the whole
 * sequence, at its last step (classification).
 */
export type AnswerPlace = 'next' | 'here' | 'end';

/** The sample of a trace. */
export interface TracedSample {
  readonly choice: SampleChoice;
  /** What it is and where its answers are from, in a sentence or two for a person. */
  readonly sentence: string;
  /** Held-out samples there are to choose from; absent where neither data nor record say so. */
  readonly heldOut?: number;
  /** What typing it would take, for tasks whose samples can be typed. */
  readonly text?: string;
}

/** One of the most likely answers. */
export interface Prediction {
  readonly token: string;
  readonly probability: number;
}

/** One recurrent layer of a trace. */
export interface TracedLayer {
  /** Its tensors are `{prefix}.{direction}.…`: `layer0`, or `encoder.layer0` and `decoder.layer0` of a translation. */
  readonly prefix: string;
  /** What its timesteps are: those of `tokens`, or of `source` (an encoder's). */
  readonly reads: 'tokens' | 'source';
  readonly cell: 'rnn' | 'lstm' | 'gru';
  readonly units: number;
  readonly directions: readonly ('forward' | 'reverse')[];
  readonly connection: 'none' | 'residual' | 'dense' | 'highway';
}

/** How gradients spread over held-out sequences that are as long as a sample. */
export interface BatchGradients {
  /** Step of the weights. */
  readonly step: number;
  /** T of the sample, and B. */
  readonly steps: number;
  readonly sequences: number;
  /** `{layer}.{direction}.grad.h`, `.grad.h.partial`, `.grad.c`, `.grad.c.partial`: ‖·‖₂ over units [T,B], each of its sequence's own loss. */
  readonly tensors: Tensors;
}

/** A trace of one sample: what the Inspector draws. T timesteps, one sequence (B = 1). */
export interface SampleTrace {
  /** Step of the weights that were traced. */
  readonly step: number;
  readonly sample: TracedSample;
  /** What the model reads at step t as a person reads it, T of them: a token, a symbol, or the values of a row in their own unit. */
  readonly tokens: readonly string[];
  /** Of a translation: what the encoder reads, S of them; `tokens` are then what the decoder reads. */
  readonly source?: readonly string[];
  readonly answer: AnswerPlace;
  /** The right answer at step t, T of them; empty where there is none. */
  readonly targets: readonly string[];
  /** Loss at step t, T of them, in nats or standardised squared units; null where there is none. */
  readonly losses: readonly (number | null)[];
  /** The three most likely answers at step t, most likely first, T of them; empty where the model answers with values or not at all. */
  readonly predictions: readonly (readonly Prediction[])[];
  /** Of tasks on values: names of what is read and answered, and the model's answers at each step in their own unit. */
  readonly values?: { readonly inputs: readonly string[]; readonly outputs: readonly string[]; readonly answers: readonly string[] };
  /**
   * Contract section 5, for B = 1, without gradients of parameters; rows of `flow` that belong to no loss hold NaN.
   * Of tasks on values also `sample.inputs` [T,1,features], as the network reads them.
   */
  readonly tensors: Tensors;
  /** From the input upwards, an encoder's first. */
  readonly layers: readonly TracedLayer[];
  /** How long the trace took in the engine. */
  readonly milliseconds: number;
}
