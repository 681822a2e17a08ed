import { DataError } from './files';
import { randomFor, shuffle } from './seeds';
import type { BatchPlan, PlannedBatch, TaskData } from './task';

/** Batches among which examples are sorted by length: long enough to pad little, short enough to stay random. */
const pool = 32;

/** Training examples with their lengths. */
export interface Bucketed {
  /** Numbers of the examples. */
  readonly examples: Int32Array;
  readonly lengthOf: (example: number) => number;
}

/** The examples of each update: a pure function of plan and step. */
export interface ExampleBatches {
  readonly perEpoch: number;
  at(step: number): Int32Array;
}

/**
 * Batches of examples, shuffled anew each epoch. Within stretches of 32 batches the examples are sorted by
 * length, so that a batch pads little; then the batches are shuffled. What does not fill a
 * batch is left out, other examples each epoch. Throws a DataError when the batch is larger than the set.
 */
export function bucketedBatches({ examples, lengthOf }: Bucketed, { batch, seed }: Pick<BatchPlan, 'batch' | 'seed'>): ExampleBatches {
  const misfit = exampleMisfit(examples.length, batch);
  if (misfit) throw misfit;
  const perEpoch = Math.floor(examples.length / batch);

  const orderOf = (epoch: number): Int32Array => {
    const random = randomFor(seed, { part: 'training', index: epoch });
    const order = shuffle(examples.slice(), random).subarray(0, perEpoch * batch);
    for (let start = 0; start < order.length; start += pool * batch) order.subarray(start, start + pool * batch).sort((a, b) => lengthOf(a) - lengthOf(b));
    const places = shuffle(Int32Array.from({ length: perEpoch }, (_, index) => index), random);
    const shuffled = new Int32Array(order.length);
    places.forEach((place, index) => shuffled.set(order.subarray(place * batch, (place + 1) * batch), index * batch));
    return shuffled;
  };

  let held = { epoch: 0, order: orderOf(0) };
  return {
    perEpoch,
    at(step) {
      const epoch = Math.floor(step / perEpoch);
      if (held.epoch !== epoch) held = { epoch, order: orderOf(epoch) };
      const start = (step % perEpoch) * batch;
      return held.order.slice(start, start + batch);
    },
  };
}

/** Held-out examples by length, in batches of at most `batch`; the same for each evaluation. */
export function* batchesByLength({ examples, lengthOf }: Bucketed, batch: number): Generator<Int32Array> {
  const order = examples.slice().sort((a, b) => lengthOf(a) - lengthOf(b) || a - b);
  for (let start = 0; start < order.length; start += batch) yield order.slice(start, start + batch);
}

/** Both parts of a task that trains whole sequences, as batches that `planned` makes of examples. */
export function sequenceBatches(parts: { readonly training: Int32Array; readonly heldOut: Int32Array; readonly lengthOf: (example: number) => number }, planned: (examples: Int32Array) => PlannedBatch): Pick<TaskData, 'trainingBatches' | 'validationBatches'> {
  const { training, heldOut, lengthOf } = parts;
  return {
    trainingBatches(plan) {
      const batches = bucketedBatches({ examples: training, lengthOf }, plan);
      return { perEpoch: batches.perEpoch, at: (step) => planned(batches.at(step)) };
    },
    *validationBatches({ batch }) {
      for (const examples of batchesByLength({ examples: heldOut, lengthOf }, batch)) yield planned(examples);
    },
  };
}

/** Why a batch does not fit a set of so many training examples; undefined when it does. */
export function exampleMisfit(count: number, batch: number): DataError | undefined {
  if (batch <= count) return undefined;
  if (count === 0) return new DataError('data-too-short', 'Nothing is left to train on: all examples are held out. Use more data, or a smaller validation share.');
  return new DataError('data-batch-too-big', `batch ${batch} is larger than the training part, which has ${count} ${count === 1 ? 'example' : 'examples'}. Set batch to at most ${count}.`);
}
