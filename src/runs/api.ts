import type { Diagnosis, DiagnosisProgress } from '../shared/diagnosis';
import type { Problem } from '../shared/position';
import type { TraceOptions } from '../engine/engine';
import type { LossChoice } from '../training/samples/gradientBatch';
import type { BatchGradients, Evaluation, MetricsColumns, RunInfo, RunMetrics, SampleChoice, SampleTrace } from '../shared/run';
import type { ModelWeights } from '../shared/weights';
import type { GradientCheck } from '../training/check';

/** How a training starts; what is absent comes from the spec. */
export interface TrainOptions {
  /** The spec's text when it differs from the file (an unsaved editor). */
  readonly text?: string;
  /** Updates in all, in place of the spec's `steps` or `epochs`. */
  readonly steps?: number;
  readonly seed?: number;
  readonly threads?: number;
  /** Go on with a run from its newest readable checkpoint: `folder`, or else the newest run of this spec. */
  readonly resume?: 'resume' | 'fresh';
  /** Absolute path of the run's folder, in place of `.unroll/<spec name>/<run id>` beside the spec. */
  readonly folder?: string;
  /** Every event of `metrics.jsonl` as it happens. */
  readonly onEvent?: (event: RunEvent) => void;
  /** Aborting it is `stop()`. */
  readonly signal?: AbortSignal;
}

/** A training under way. */
export interface Training {
  /** As it was when the training started; `onDidChange` tells how it goes on. */
  readonly info: RunInfo;
  /** What a person should know although it did not prevent the start, e.g. that a damaged checkpoint was passed over. */
  readonly warnings: readonly string[];
  /** Settles when the run has ended and its folder is complete; `state` and `reason` say how. Never rejects. */
  readonly finished: Promise<RunInfo>;
  /** Stops after the current step or in the middle of a long one, writes a checkpoint, and leaves the run resumable. */
  stop(): Promise<RunInfo>;
}

/** What happened to a run since the last change, at most about ten a second for each run. */
export interface RunChange {
  readonly info: RunInfo;
  /** New steps, ascending; a listener that has read `metrics` drops those it already has. */
  readonly columns?: MetricsColumns;
  /** New evaluations. */
  readonly evaluations?: readonly Evaluation[];
}

/** One line of `metrics.jsonl` and of `unroll train --json`; numbers that are not finite are null. */
export type RunEvent =
  | { readonly event: 'start'; readonly run: string; readonly name: string; readonly step: number; readonly steps: number; readonly parameters: number; readonly seed: number; readonly time: number }
  | {
      readonly event: 'step';
      readonly step: number;
      readonly loss: number | null;
      readonly gradNorm: number | null;
      readonly clipped: boolean;
      /** Global norm after clipping. */
      readonly normAfter?: number | null;
      /** The parameter that gave most of the norm before clipping, and its share of ‖g‖². */
      readonly largestParameter?: string;
      readonly largestShare?: number | null;
      /** Degrees by which clipping by value turned the gradient; of other clipping there is none. */
      readonly clipAngle?: number;
      readonly learningRate: number;
      readonly tokensPerSecond: number;
      /** How long the update took. */
      readonly seconds?: number;
      /** Timesteps it trained on, padding left out. */
      readonly tokens?: number;
    }
  | { readonly event: 'evaluation'; readonly step: number; readonly validationLoss: number | null }
  | { readonly event: 'checkpoint'; readonly step: number; readonly file: string }
  | {
      readonly event: 'done';
      readonly run: string;
      readonly state: RunInfo['state'];
      readonly step: number;
      readonly loss: number | null;
      readonly validationLoss: number | null;
      /** Validation loss (training loss where there is none) over ln 2, for losses in nats a token. */
      readonly bitsPerToken?: number | null;
      readonly tokensPerSecond: number | null;
      readonly reason?: string;
    };

/** Which weights: a stored step, the newest stored one, or those of the training under way (the newest stored one when there is none). */
export type CheckpointChoice = number | 'latest' | 'live';

export interface TraceRequest {
  /** The run's folder (`RunInfo.folder`). */
  readonly run: string;
  readonly checkpoint: CheckpointChoice;
  /** Default: the spec's `inspect.text` where the model reads tokens, else the first held-out sample. */
  readonly sample?: SampleChoice;
  /** Without the flow matrices, which take most of the time; with them unless said. */
  readonly flow?: TraceOptions['flow'];
  readonly signal?: AbortSignal;
}

export interface BatchGradientsRequest extends Omit<TraceRequest, 'flow'> {
  /** Whose gradients: of the mean of all losses of each sequence, or of its loss at one position. */
  readonly loss: LossChoice;
}

export interface GenerateRequest {
  /** The run's folder (`RunInfo.folder`). */
  readonly run: string;
  /** Default `live`. */
  readonly checkpoint?: CheckpointChoice;
  /** What a language model goes on with; what a translation model translates. */
  readonly prompt?: string;
  /** Tokens to write; default 500. */
  readonly length?: number;
  /** 0 is greedy, as a translation is by default; texts are drawn at 0.8 by default. */
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  /** Width of a beam search for the most probable text, in place of drawing; 1 is greedy. */
  readonly beam?: number;
  /** Default 1; the same seed writes the same text. */
  readonly seed?: number;
  /** Called with each piece of text as it is written. */
  readonly onText?: (piece: string) => void;
  readonly signal?: AbortSignal;
}

export interface DiagnoseRunRequest {
  readonly specPath: string;
  /** The run's folder; default: the spec's newest run with a checkpoint. A spec without one is diagnosed with the weights that it begins with. */
  readonly run?: string;
  /** Default `live`. */
  readonly checkpoint?: CheckpointChoice;
  readonly onProgress?: (progress: DiagnosisProgress) => void;
  readonly signal?: AbortSignal;
}

/** A spec or its data is wrong; nothing was started. */
export class SpecProblemsError extends Error {
  override readonly name = 'SpecProblemsError';
  constructor(
    readonly specPath: string,
    /** The text that `problems` point into. */
    readonly text: string,
    readonly problems: readonly Problem[],
  ) {
    super(problems.find((problem) => problem.severity === 'error')?.message ?? 'The spec is wrong.');
  }
}

/** A run cannot do what was asked; the message says what is wrong, where, and what to do. */
export class RunError extends Error {
  override readonly name = 'RunError';
  constructor(
    message: string,
    /** `run-missing`, `run-corrupt`, `checkpoint-missing`, `checkpoint-corrupt`, `run-busy`, `run-diverged`, `no-text`, `sample`, `storage` … */
    readonly code: string,
  ) {
    super(message);
  }
}

export interface CheckOptions {
  /** Hears the share that is done. */
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** Trains, lists, inspects. The class `Runs` is the one implementation; VS Code and the command line both use it. */
export interface RunsApi {
  /** Starts a training. Rejects with SpecProblemsError or RunError before anything has started. */
  train(specPath: string, options?: TrainOptions): Promise<Training>;
  /** Runs of this spec, newest first. A folder that cannot be read is listed as `failed` with the reason. */
  list(specPath: string): Promise<RunInfo[]>;
  /** One run by its folder. Rejects with RunError. */
  read(run: string): Promise<RunInfo>;
  /** Runs that this process trains now. */
  active(): readonly RunInfo[];
  /** Stops a run that this process trains; resolves when it has ended. */
  stop(run: string): Promise<RunInfo>;
  /** The whole curve of a run. Rejects with RunError. */
  metrics(run: string): Promise<RunMetrics>;
  /** Rejects with RunError, or AbortError when the signal aborted. */
  trace(request: TraceRequest): Promise<SampleTrace>;
  /** How the gradients of held-out sequences spread that are as long as the sample. Rejects as `trace` does, and with `sample` when there are too few. */
  gradients(request: BatchGradientsRequest): Promise<BatchGradients>;
  /** Largest difference between the hidden states that layer by layer and timestep by timestep come to on a sample. Rejects as `trace` does. */
  orderDifference(request: TraceRequest): Promise<number>;
  /** The parameters of a checkpoint, with the spectra of the recurrent matrices. Rejects as `trace` does. */
  weights(request: Omit<TraceRequest, 'sample'>): Promise<ModelWeights>;
  /** Why the model does, or does not, use the past; takes some seconds. Rejects with SpecProblemsError, RunError (`no-diagnosis` for models that it cannot look at), or AbortError. */
  diagnose(request: DiagnoseRunRequest): Promise<Diagnosis>;
  /** Compares the gradients of a spec with finite differences in f64, with its initial weights. Rejects with SpecProblemsError, RunError, or AbortError. */
  check(specPath: string, options?: CheckOptions): Promise<GradientCheck>;
  /** Resolves with the written text (without the prompt). Rejects with RunError, or AbortError when the signal aborted. */
  generate(request: GenerateRequest): Promise<string>;
  /** Returns a function that stops listening. */
  onDidChange(listener: (change: RunChange) => void): () => void;
  /** Stops every training (each with a checkpoint) and ends the worker. */
  dispose(): Promise<void>;
}
