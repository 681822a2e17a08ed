import type { ReferenceLoss } from '../data/task';
import type { TraceOptions } from '../engine/engine';
import type { BatchGradients, MetricsColumns, SampleChoice, SampleTrace } from '../shared/run';
import type { Transferred } from '../shared/rpc';
import type { Diagnosis, DiagnosisProgress } from '../shared/diagnosis';
import type { ModelWeights } from '../shared/weights';
import type { LossKind } from '../spec/architecture';
import type { Spec } from '../spec/schema';
import type { Method } from '../training/generate';
import type { LossChoice } from '../training/samples/gradientBatch';
import type { Outcome } from '../training/trainingLoop';
import type { GradientCheck } from '../training/check';
import type { DiagnoseRequest } from './diagnosis';
import type { CheckRequest } from './gradientCheck';

/** Set to 1 (`Int32Array` of one element) it abandons the work it was given with, also in the middle of a step. */
export type CancelFlag = SharedArrayBuffer;

export interface PrepareRequest {
  /** What the training is called in all later requests: the run's folder. */
  readonly run: string;
  /** With `steps`, `seed` and `threads` as they are to be. */
  readonly spec: Spec;
  /** Folder that the spec's data paths are relative to. */
  readonly dataFolder: string;
  /** `vocabulary.json` of an earlier part of the run. */
  readonly vocabulary?: string;
  /** A checkpoint file to go on from. */
  readonly resume?: Uint8Array;
  readonly cancel?: CancelFlag;
}

/** What is known once the data are loaded. */
export interface Prepared {
  /** Trained parameters. */
  readonly parameters: number;
  /** Updates made, and to make in all. */
  readonly step: number;
  readonly steps: number;
  readonly loss: LossKind;
  /** Text of `vocabulary.json`, for tasks with tokens. */
  readonly vocabulary?: string;
  /** Kinds of token. */
  readonly vocabularySize?: number;
  /** The beginning of the held-out text: what the Inspector shows when the spec names no sample. */
  readonly sample?: string;
  /** Held-out samples that can be inspected. */
  readonly samples?: number;
  readonly references: readonly ReferenceLoss[];
  readonly engine: string;
}

/** Weights of a stored checkpoint with all that is needed to use them. */
export interface StoredWeights {
  readonly kind: 'stored';
  readonly run: string;
  readonly spec: Spec;
  /** Folder that the spec's data paths are relative to. */
  readonly dataFolder: string;
  /** Text of `vocabulary.json`, where the run has one. */
  readonly vocabulary?: string;
  readonly step: number;
  /** The checkpoint file. */
  readonly file: Uint8Array;
}

/** Weights of a training that the worker holds. */
export interface LiveWeights {
  readonly kind: 'live';
  readonly run: string;
}

export interface WeightsRequest {
  readonly weights: StoredWeights | LiveWeights;
  readonly cancel?: CancelFlag;
}

export interface SampleTraceRequest {
  readonly weights: StoredWeights | LiveWeights;
  readonly sample: SampleChoice;
  /** With it unless said. */
  readonly flow?: TraceOptions['flow'];
  readonly cancel?: CancelFlag;
}

export interface BatchGradientsRequest {
  readonly weights: StoredWeights | LiveWeights;
  /** They are as long as it is. */
  readonly sample: SampleChoice;
  readonly loss: LossChoice;
  readonly cancel?: CancelFlag;
}

export interface GenerateTextRequest {
  /** Names this request in `HostService.text`. */
  readonly id: string;
  readonly weights: StoredWeights | LiveWeights;
  /** Empty: the model starts as after the end of a line. */
  readonly prompt: string;
  readonly length: number;
  readonly method: Method;
  readonly cancel?: CancelFlag;
}

/**
 * What the worker does. Failures have a `code`: a DataError's (`details.path`), `sizes` (a misfit of spec and
 * data; `details.sizes`), `checkpoint-corrupt`, `sample`,
 * `run-missing`, `no-text` (a task that writes none), `no-diagnosis` (a model that cannot be diagnosed), `cancelled`, or `engine` for everything unexpected.
 */
export type EngineService = {
  /** Loads the data and makes the network; nothing is trained yet. */
  prepare(request: PrepareRequest, signal: AbortSignal): Promise<Prepared>;
  /** Trains what was prepared, to its end. */
  train(request: { readonly run: string }): Promise<Outcome>;
  /** Answers at once; `train` then resolves when the last checkpoint is stored. */
  stop(request: { readonly run: string }): void;
  /** Frees a training. */
  release(request: { readonly run: string }): void;
  trace(request: SampleTraceRequest, signal: AbortSignal): Promise<Transferred<SampleTrace>>;
  /** How the gradients of held-out sequences spread that are as long as a sample. */
  gradients(request: BatchGradientsRequest, signal: AbortSignal): Promise<Transferred<BatchGradients>>;
  /** Largest difference between the hidden states that both processing orders come to, over all layers and steps of a sample. */
  orderDifference(request: SampleTraceRequest, signal: AbortSignal): Promise<number>;
  /** Copies of the parameters, with the spectra of the recurrent matrices. */
  weights(request: WeightsRequest, signal: AbortSignal): Promise<Transferred<ModelWeights>>;
  /** Carry, demand and use of these weights, and the verdict; `HostService.diagnosing` tells how far it is. */
  diagnose(request: DiagnoseRequest, signal: AbortSignal): Promise<Diagnosis>;
  /** Backpropagation against finite differences in f64; `HostService.checking` tells how far it is. */
  check(request: CheckRequest, signal: AbortSignal): Promise<GradientCheck>;
  /** The whole text, which `HostService.text` has told in pieces as well. */
  generate(request: GenerateTextRequest, signal: AbortSignal): Promise<string>;
};

/** New steps of a run, at most about ten messages a second. */
export interface StepBatch {
  readonly run: string;
  readonly columns: MetricsColumns;
  readonly tokensPerSecond: number;
}

/** What the worker tells its host. */
export type HostService = {
  /** A sentence for the log: what is other than usual. */
  log(line: { readonly text: string }): void;
  steps(batch: StepBatch): void;
  evaluation(evaluation: { readonly run: string; readonly step: number; readonly validationLoss: number }): void;
  /** Resolves when the file is safely stored; a rejection ends the training as failed. */
  checkpoint(checkpoint: { readonly run: string; readonly step: number; readonly file: Uint8Array }): Promise<void>;
  text(piece: { readonly id: string; readonly piece: string }): void;
  diagnosing(state: { readonly id: string; readonly progress: DiagnosisProgress }): void;
  /** Share of a gradient check that is done. */
  checking(state: { readonly id: string; readonly done: number }): void;
};
