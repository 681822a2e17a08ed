import type { Random } from '../../shared/random';
import { lagOf, syntheticMisfit, type SyntheticTask } from '../../spec/synthetic';
import { DataError } from '../files';
import { randomFor } from '../seeds';
import type { BatchPlan, PlannedBatch, Sample, SequenceBatch, TaskData } from '../task';
import { outputText, tokenText } from '../vocabulary';
import { adding } from './adding';
import { brackets } from './brackets';
import { copy } from './copy';
import { none } from './none';
import { parity } from './parity';
import type { SyntheticProblem } from './problem';
import { recall } from './recall';

/** Sequences that count as an epoch: there is no end of them. */
export const epochSequences = 10_000;

/** Sequences of an evaluation. */
export const validationSequences = 512;

/** The problem of a synthetic task. Throws a DataError when its length and lag do not fit. */
export function problemOf(task: SyntheticTask): SyntheticProblem {
  const misfit = syntheticMisfit(task);
  if (misfit) throw new DataError('data-task', misfit.message);
  const { problem, length } = task;
  const lag = lagOf(task);
  switch (problem) {
    case 'copy':
      return copy(lag ?? length);
    case 'recall':
      return recall(length, lag ?? length);
    case 'adding':
      return adding(length, lag);
    case 'parity':
      return parity(length, lag ?? length);
    case 'brackets':
      return brackets(length, lag ?? length);
    case 'none':
      return none(length, lag ?? 1);
  }
}

/**
 * Data of a synthetic task: each batch is made afresh from the seed and its step, and no validation
 * sequence comes from the same random numbers as a training one. Throws a DataError.
 */
export function syntheticData(task: SyntheticTask): TaskData {
  const problem = problemOf(task);
  const planned = (random: Random, sequences: number): PlannedBatch => ({ state: 'reset', batch: drawBatch(problem, task.length, sequences, random) });
  return {
    sizes: problem.sizes,
    vocabulary: problem.vocabulary,
    positions: { training: epochSequences * problem.positions, validation: validationSequences * problem.positions },
    references: problem.references,

    trainingBatches: ({ batch, seed }: BatchPlan) => ({
      perEpoch: Math.ceil(epochSequences / batch),
      at: (step) => planned(randomFor(seed, { part: 'training', index: step }), batch),
    }),

    *validationBatches({ batch, seed }) {
      for (let start = 0; start < validationSequences; start += batch) {
        yield planned(randomFor(seed, { part: 'validation', index: start / batch }), Math.min(batch, validationSequences - start));
      }
    },

    samples: { count: validationSequences, at: (index) => sampleOf(problem, drawBatch(problem, task.length, 1, randomFor(0, { part: 'validation', index }))) },
  };
}

/** Draws B sequences, one after the other, and puts them side by side. */
function drawBatch({ sizes, draw }: SyntheticProblem, steps: number, sequences: number, random: Random): SequenceBatch {
  const features = sizes.input.kind === 'values' ? sizes.input.features : 1;
  const outputs = sizes.loss === 'values' ? sizes.outputs : 1;
  const inputs = new (sizes.input.kind === 'values' ? Float64Array : Int32Array)(steps * sequences * features);
  const targets = new (sizes.loss === 'values' ? Float64Array : Int32Array)(steps * sequences * outputs);
  for (let b = 0; b < sequences; b++) {
    const sequence = draw(random);
    place(sequence.inputs, inputs, { b, sequences, width: features });
    place(sequence.targets, targets, { b, sequences, width: outputs });
  }
  return { steps, sequences, inputs, targets };
}

/** Writes a sequence [T, width] as column b of a batch [T, B, width]. */
function place(from: ArrayLike<number>, to: Int32Array | Float64Array, { b, sequences, width }: { readonly b: number; readonly sequences: number; readonly width: number }): void {
  for (let i = 0; i < from.length; i++) to[(Math.floor(i / width) * sequences + b) * width + (i % width)] = from[i] ?? 0;
}

function sampleOf({ vocabulary }: SyntheticProblem, batch: SequenceBatch): Sample {
  if (vocabulary) {
    return {
      batch,
      inputs: Array.from(batch.inputs, (token) => tokenText(token, vocabulary)),
      targets: Array.from(batch.targets, (token) => (token < 0 ? '' : outputText(token, vocabulary))),
    };
  }
  // Adding: a value, with a star where it is marked.
  return {
    batch,
    inputs: Array.from({ length: batch.steps }, (_, t) => `${(batch.inputs[2 * t] ?? 0).toFixed(2)}${batch.inputs[2 * t + 1] ? '*' : ''}`),
    targets: Array.from(batch.targets, (target) => (Number.isNaN(target) ? '' : target.toFixed(2))),
  };
}
