import type { PlannedBatch, SequenceBatch, TaskData } from '../data/task';
import type { Batch } from '../engine/engine';
import type { LossKind } from '../spec/architecture';
import type { TaskSpec, TrainingSpec } from '../spec/schema';

/** One sequence from a zero state, with the answers that it should get. */
export interface HeldOutSequence {
  /** T. */
  readonly steps: number;
  /** Tokens [T], or values [T,features]. */
  readonly inputs: Int32Array | Float64Array;
  /** Tokens [T], −1 where there is no answer; or values [T,outputs], NaN where there is none. A class stands at the last step. */
  readonly targets: Int32Array | Float64Array;
}

/** The data that a diagnosis is made on. */
export interface HeldOut {
  readonly sequences: readonly HeldOutSequence[];
  readonly features: number;
  readonly outputs: number;
  readonly loss: LossKind;
  /** T of the longest sequence. */
  readonly longest: number;
  /** First timesteps of each stretch of a text or series that are read but not judged: their past was cut off. */
  readonly warmUp: number;
  /** Whether each sequence has one answer only, at its end. */
  readonly answers: 'each-step' | 'end';
  /** What a reader must know about where they are from. */
  readonly notes: readonly string[];
}

/** Sequences with one answer each, below which those that the model was trained on are taken as well; a stretch of a text or series counts as four. */
const leastAnswers = 300;

/** Timesteps of a stretch of a text or series: further back than the window, or nothing would show that it is too short. */
export function stretchOf(window: number): number {
  return Math.max(window, Math.min(200, Math.max(48, Math.ceil(2.5 * window))));
}

/**
 * Up to `count` sequences that the training has not seen: fresh ones of a synthetic problem, else the held-out part,
 * and training sequences where that has too few. Texts and series are cut into stretches longer than the window.
 */
export function heldOutSequences(data: TaskData, task: TaskSpec, training: TrainingSpec, count: number): HeldOut {
  const stretches = task.kind === 'language-model' || task.kind === 'forecast';
  const plan = { batch: 32, window: stretches ? stretchOf(training.window) : training.window, seed: (training.seed + 0x5eed) >>> 0, stateful: false };
  const sequences: HeldOutSequence[] = [];
  const notes: string[] = [];
  const add = (batch: SequenceBatch): void => {
    if (!stretches || batch.steps === plan.window) sequences.push(...separate(batch, data));
  };
  if (task.kind === 'synthetic') {
    const fresh = data.trainingBatches(plan);
    for (let step = 0; sequences.length < count; step++) add(fresh.at(step).batch);
  } else {
    for (const { batch } of data.validationBatches(plan)) {
      add(batch);
      // Batches of whole sequences come sorted by length: all of them, then, and some of each.
      if (stretches && sequences.length >= count) break;
    }
    if (sequences.length * (stretches ? 4 : 1) < leastAnswers) {
      const own = sequences.length;
      for (const { batch } of trainingBatches(data, plan)) {
        if (sequences.length >= Math.min(count, 2 * leastAnswers)) break;
        add(batch);
      }
      if (sequences.length > own) notes.push(`Only ${own} held-out sequences: ${sequences.length - own} that the model was trained on are used as well.`);
    }
  }
  const chosen = spread(sequences, count);
  const { input, outputs, loss } = data.sizes;
  return {
    sequences: chosen,
    features: input.kind === 'values' ? input.features : 1,
    outputs,
    loss,
    longest: chosen.reduce((most, { steps }) => Math.max(most, steps), 0),
    warmUp: stretches ? Math.floor(plan.window / 4) : 0,
    answers: chosen.every((sequence) => answerSteps(sequence).every((t) => t === sequence.steps - 1)) ? 'end' : 'each-step',
    notes,
  };
}

/** What a language model is trained on, in stretches; nothing for other tasks. */
export function* trainingText(data: TaskData, { kind }: TaskSpec, training: TrainingSpec): Generator<HeldOutSequence> {
  if (kind !== 'language-model') return;
  for (const { batch } of trainingBatches(data, { batch: 32, window: stretchOf(training.window), seed: training.seed, stateful: false })) yield* separate(batch, data);
}

/** One pass over the training part, in smaller batches where it is small; nothing where not one sequence fits it. */
function* trainingBatches(data: TaskData, plan: { batch: number; window: number; seed: number; stateful: boolean }): Generator<PlannedBatch> {
  for (const batch of [plan.batch, 8, 1]) {
    try {
      const batches = data.trainingBatches({ ...plan, batch });
      for (let step = 0; step < batches.perEpoch; step++) yield batches.at(step);
      return;
    } catch {
      // Too little data for such batches.
    }
  }
}

/** `count` of them, evenly through the list. */
function spread<T>(list: readonly T[], count: number): T[] {
  if (list.length <= count) return [...list];
  return Array.from({ length: count }, (_, index) => list[Math.floor((index * list.length) / count)]).filter((item) => item !== undefined);
}

/** The columns of a batch, each without its padding. */
function separate({ steps, sequences, inputs, targets, lengths }: SequenceBatch, { sizes: { input, outputs, loss } }: TaskData): HeldOutSequence[] {
  const features = input.kind === 'values' ? input.features : 1;
  return Array.from({ length: sequences }, (_, b) => {
    const own = lengths?.[b] ?? steps;
    const answers = loss === 'class' ? new Int32Array(own).fill(-1) : column(targets, b, sequences, own, loss === 'values' ? outputs : 1);
    if (loss === 'class') answers[own - 1] = targets[b] ?? -1;
    return { steps: own, inputs: column(inputs, b, sequences, own, features), targets: answers };
  });
}

function column(data: Int32Array | Float64Array, b: number, sequences: number, steps: number, width: number): Int32Array | Float64Array {
  const out = data instanceof Int32Array ? new Int32Array(steps * width) : new Float64Array(steps * width);
  for (let t = 0; t < steps; t++) for (let j = 0; j < width; j++) out[t * width + j] = data[(t * sequences + b) * width + j] ?? 0;
  return out;
}

/** Timesteps with an answer. */
export function answerSteps({ steps, targets }: HeldOutSequence): number[] {
  const width = targets.length / steps;
  return Array.from({ length: steps }, (_, t) => t).filter((t) => {
    if (targets instanceof Int32Array) return (targets[t] ?? -1) >= 0;
    return targets.subarray(t * width, (t + 1) * width).every((value) => !Number.isNaN(value));
  });
}

/** Inputs of timestep t, of sequences side by side: tokens [B], or values [B,features]. A sequence that has ended repeats its last. */
export function inputsAt(sequences: readonly HeldOutSequence[], features: number, timestep: (index: number) => number): Int32Array | Float64Array {
  const tokens = sequences[0]?.inputs instanceof Int32Array;
  const out = tokens ? new Int32Array(sequences.length) : new Float64Array(sequences.length * features);
  sequences.forEach(({ inputs, steps }, b) => {
    const t = Math.max(0, Math.min(timestep(b), steps - 1));
    for (let j = 0; j < features; j++) out[b * features + j] = inputs[t * features + j] ?? 0;
  });
  return out;
}

/** Sequences as one batch of at most `steps` timesteps, padded; for carry and traces. */
export function batchOfSequences(sequences: readonly HeldOutSequence[], { features, loss, outputs }: HeldOut, steps: number): Batch {
  const count = sequences.length;
  const lengths = Int32Array.from(sequences, (sequence) => Math.min(sequence.steps, steps));
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const parts = Array.from({ length: longest }, (_, t) => inputsAt(sequences, features, () => t));
  const tokens = parts[0] instanceof Int32Array;
  const inputs = tokens ? new Int32Array(longest * count) : new Float64Array(longest * count * features);
  parts.forEach((part, t) => inputs.set(part, t * part.length));
  const width = loss === 'values' ? outputs : 1;
  const answer = (b: number, t: number, j: number): number => sequences[b]?.targets[t * width + j] ?? (loss === 'values' ? NaN : -1);
  const every = { length: longest * count * width };
  const place = (i: number): number => answer(Math.floor(i / width) % count, Math.floor(i / width / count), i % width);
  const targets = loss === 'values' ? Float64Array.from(every, (_, i) => place(i)) : loss === 'tokens' ? Int32Array.from(every, (_, i) => place(i)) : Int32Array.from(sequences, (sequence, b) => answer(b, sequence.steps - 1, 0));
  return { steps: longest, sequences: count, inputs, targets, ...(lengths.some((length) => length < longest) && { lengths }) };
}
