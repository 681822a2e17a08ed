/** What keeps a network from using the past; see `Diagnosis`. */
export type Verdict = 'healthy' | 'no-long-dependency' | 'cannot-carry' | 'not-learnt-yet' | 'exploding' | 'saturated' | 'truncated' | 'inconclusive';

/** An estimate with its standard error, as a share of the loss of the best constant answer. */
export interface Estimate {
  readonly mean: number;
  /** Of the mean, over sequences. */
  readonly error: number;
}

/** How strongly the states of one layer depend on those n steps before; no loss is involved. */
export interface LayerCarry {
  readonly layer: number;
  readonly direction: 'forward' | 'reverse';
  /** What the state is: the cell state of an LSTM, else the hidden state. */
  readonly state: 'h' | 'c';
  /** √mean‖Jᵀv‖² with J = ∂sₜ/∂sₜ₋ₙ and random unit vectors v, at n = 0, 1, …; 1 at lag 0. */
  readonly rms: readonly number[];
  /** Standard error of log₁₀ rms, in decades, over sequences. */
  readonly rmsError: readonly number[];
  /** The typical vector, where a few large ones make the root mean square. */
  readonly geometricMean: readonly number[];
  readonly median: readonly number[];
  /** Decades per step, of a line through log₁₀ rms. */
  readonly slope: number;
  /** The same root mean square before any training. */
  readonly rmsAtStart: readonly number[];
  readonly slopeAtStart: number;
  /** LSTM: mean of ∏f over n steps, which the cell carries by itself. */
  readonly forget?: readonly number[];
}

/** What a layer's units do. */
export interface LayerFacts {
  readonly layer: number;
  readonly direction: 'forward' | 'reverse';
  /** Share of activations within 2 % of an end of their range: |h| of a vanilla tanh layer; else gates, or new values. */
  readonly saturation: number;
  /** Its standard error, over sequences. */
  readonly saturationError: number;
  /** Share of units that never change. */
  readonly dead: number;
  /** Largest lag at which the gradient of the loss is still 1 % of that at lag 0. */
  readonly reach: number;
}

/** How the training has gone, as far as it is known. */
export interface TrainingFacts {
  readonly step: number;
  /** Relative change of the loss over the last fifth of the steps; negative while it falls. */
  readonly lossChange?: number;
  /** Of the last fifth of the steps: share that was clipped, and percentiles of the global norm before clipping. */
  readonly clipped?: number;
  readonly gradNorm?: { readonly p50: number; readonly p90: number; readonly p99: number };
  readonly diverged: boolean;
}

/** What of the gradient of the parameters comes from far back. */
export interface LongGradient {
  /** Only what comes from inputs so many steps before an answer, and more, counts. */
  readonly lag: number;
  /** Its length as a share of the whole gradient's, of a few dozen sequences. */
  readonly share: number;
  /** Squared length of its mean over the variance of the whole gradient between batches of the training's size, and the standard error of that. */
  readonly signalToNoise: number;
  readonly error: number;
}

/** A change of the spec that may help. */
export interface Fix {
  /** An imperative sentence for a person. */
  readonly title: string;
  /** Why this should help here, with the numbers it rests on. */
  readonly reason: string;
  /** What to set in the spec: `jsonc-parser` paths and values, in order. */
  readonly edit: readonly { readonly path: readonly (string | number)[]; readonly value: unknown }[];
}

/** An edit that was tried: the spec as it is and with it, trained for the same steps on the same seed. */
export interface TriedEdit extends Pick<Fix, 'title' | 'edit'> {
  /** Updates of each. */
  readonly steps: number;
  /** Folders of the runs, with their validation loss (training loss where nothing is held out). */
  readonly before: { readonly run: string; readonly loss?: number };
  readonly after: { readonly run: string; readonly loss?: number };
  readonly outcome: 'helped' | 'same' | 'worse' | 'diverged';
}

/** Why a network does, or does not, use the past: a verdict with its evidence. The fields of contract section 7, and more. */
export interface Diagnosis {
  readonly verdict: Verdict;
  /** 0 to 1: how far the deciding numbers lie from where the verdict would change. No probability. */
  readonly confidence: number;
  /** For a person: what is the case, and by which numbers. */
  readonly sentence: string;
  /** Where the evidence leaves it open: what would decide it. */
  readonly decides: string | null;
  /** The largest lag that holds half of what the data offer beyond short lags; null where they offer nothing. */
  readonly wantedLag: number | null;
  /** The lag that a synthetic problem was made with. */
  readonly trueLag: number | null;
  /** Lags of all columns below, ascending from 0. */
  readonly lags: readonly number[];
  /** Of the layer that carries most at the wanted lag, which is enough to remember: see `LayerCarry.rms`. */
  readonly carry: readonly number[];
  readonly carryLow: readonly number[];
  readonly carryHigh: readonly number[];
  /** What the best probe gains from inputs older than each lag, in the data, and its 95 % interval; share of the constant answer's loss. */
  readonly demand: readonly number[];
  readonly demandLow: readonly number[];
  readonly demandHigh: readonly number[];
  /** The same of what the model leaves unexplained. */
  readonly missing: readonly number[];
  readonly missingLow: readonly number[];
  readonly missingHigh: readonly number[];
  /** How much worse the model does when all inputs older than each lag are another sequence's, and its 95 % interval. */
  readonly use: readonly number[];
  readonly useLow: readonly number[];
  readonly useHigh: readonly number[];
  /** Mean ‖∂ℓₜ/∂hₜ₋ₙ‖ at each lag, of the layer of `carry`; 0 beyond the traced sequence. */
  readonly flow: readonly number[];
  readonly fixes: readonly Fix[];
  readonly layers: readonly LayerCarry[];
  readonly facts: readonly LayerFacts[];
  readonly training: TrainingFacts;
  /** Share of the constant answer's loss that the model explains, once its answers are recalibrated linearly. */
  readonly achieved: number;
  /** The smallest dependency on one input further back than short lags that the probes would have found here, as a share of the constant answer's loss; null where they would not even have found 35 %. */
  readonly sensitivity: number | null;
  /** The part of the parameters' gradient that comes from the wanted lag and beyond; null where it was not measured. */
  readonly longGradient: LongGradient | null;
  /** Held-out sequences that it was judged on. */
  readonly sequences: number;
  /** Timesteps of backpropagation. */
  readonly window: number;
  /** What a reader must know to judge this: what was not measured, what no probe can see. */
  readonly notes: readonly string[];
}

/** What a diagnosis is at. */
export interface DiagnosisProgress {
  readonly stage: 'data' | 'carry' | 'answers' | 'use' | 'demand' | 'verdict';
  /** 0 to 1, of the whole. */
  readonly done: number;
}
