import type { DataSizes } from '../spec/architecture';
import type { TrainingSpec } from '../spec/schema';
import type { ValueScaling } from './scaling';
import type { TranslationVocabularies, Vocabulary } from './vocabulary';

/** One batch of T timesteps and B sequences, time first; fits the engine's `Batch`. */
export interface SequenceBatch {
  /** T. */
  readonly steps: number;
  /** B. */
  readonly sequences: number;
  /** Tokens [T,B], or values [T,B,features]. */
  readonly inputs: Int32Array | Float64Array;
  /** Loss `tokens`: [T,B]; `values`: [T,B,outputs]; `class`: [B]. A token of −1, or values that are NaN, mark a position that has no loss. */
  readonly targets: Int32Array | Float64Array;
  /** Real timesteps of each sequence [B]; absent: all are T long. */
  readonly lengths?: Int32Array;
  /** Of a translation: what the encoder reads; the rest is then about the target. */
  readonly source?: SourceSequences;
}

/** The sources of a batch of B pairs; fits the engine's `SourceBatch`. */
export interface SourceSequences {
  /** S. */
  readonly steps: number;
  /** Tokens [S,B]. */
  readonly inputs: Int32Array;
  /** Real timesteps of each source [B]. */
  readonly lengths?: Int32Array;
}

/** A batch and where its recurrent state comes from. */
export interface PlannedBatch {
  /** `continue`: sequence b goes on where sequence b of the batch before ended; `reset`: from zeros. */
  readonly state: 'continue' | 'reset';
  readonly batch: SequenceBatch;
}

/** The part of the training section that decides which batches there are. */
export type BatchPlan = Pick<TrainingSpec, 'batch' | 'window' | 'seed' | 'stateful'>;

/** Training batches by step: a pure function of plan and step, so that a resumed run sees what it would have seen. */
export interface TrainingBatches {
  /** Batches in one pass over the training part; a step beyond them starts the next pass. */
  readonly perEpoch: number;
  /** The batch of update `step` (0, 1, …). Its arrays are reused: they hold until the next call. */
  at(step: number): PlannedBatch;
}

/** Loss that a model without memory would have, for plots: what any learning is measured against. */
export interface ReferenceLoss {
  readonly label: string;
  /** In the unit of the task's loss: nats a position, or squared units. */
  readonly loss: number;
}

/** One sequence for the Inspector, in numbers and in words. */
export interface Sample {
  /** B = 1. */
  readonly batch: SequenceBatch;
  /** What the model reads at each step, T of them. */
  readonly inputs: readonly string[];
  /** What it should answer at each step, or once for the loss `class`; empty where there is no loss. */
  readonly targets: readonly string[];
  /** Of a translation: what the encoder reads; `inputs` and `targets` are then the decoder's. */
  readonly source?: readonly string[];
  /** Of a series: its first and last row in the data, counted from 1. */
  readonly rows?: { readonly first: number; readonly last: number };
}

/** Samples by their number, `count` of them. */
export interface Samples {
  readonly count: number;
  at(index: number): Sample;
}

/** The data of a task, loaded. One implementation for each `task.kind`. */
export interface TaskData {
  readonly sizes: DataSizes;
  /** Of the tokens the model reads (and, for a language model, predicts). */
  readonly vocabulary?: Vocabulary;
  /** Of the values the model reads and predicts. */
  readonly scaling?: ValueScaling;
  /** Of a translation, in place of `vocabulary`. */
  readonly translation?: TranslationVocabularies;
  /** Training examples, where batches are made of whole examples. */
  readonly examples?: number;
  /** Number of positions with a loss in each part. */
  readonly positions: { readonly training: number; readonly validation: number };
  /** Throws a DataError when batch or window do not fit the data. */
  trainingBatches(plan: BatchPlan): TrainingBatches;
  /** One pass over the held-out part, in order; nothing when it is empty. Arrays are reused from batch to batch. */
  validationBatches(plan: BatchPlan): Iterable<PlannedBatch>;
  readonly references: readonly ReferenceLoss[];
  /** Held-out examples (training examples when nothing is held out); stretches of a text or series. */
  readonly samples?: Samples;
  /** Of a text or series: its held-out stretches of so many timesteps; undefined when it is shorter. */
  readonly stretches?: (steps: number) => Samples | undefined;
}

/** How data are loaded. */
export interface LoadOptions {
  /** The vocabulary of an earlier run, to be used instead of making one; a token outside it is a `data-changed` error. */
  readonly vocabulary?: Vocabulary;
  /** The same for values. */
  readonly scaling?: ValueScaling;
  /** The same for both sides of a translation. */
  readonly translation?: TranslationVocabularies;
  /** Asked between pieces of a file; throws to abandon the work. */
  readonly alive?: () => void;
}
