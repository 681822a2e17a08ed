import type { Batch, Checkpointed, Engine } from '../engine/engine';
import type { LongGradient } from '../shared/diagnosis';
import type { Tensors } from '../shared/tensor';
import { answerSteps, batchOfSequences, type HeldOut, type HeldOutSequence } from './heldOut';

/** Sequences at most, and in how many groups: each group gives one gradient. */
const [mostSequences, groups] = [384, 12];

/** A group of fewer sequences tells nothing; nor do longer stretches than this tell more. */
const [leastTogether, mostSteps] = [8, 512];

/** Plain steps this long make the gradient the whole of a parameter's change in f32. */
const rate = 1e4;

/**
 * How much of the parameters' gradient comes from inputs at `lag` and beyond, and how that compares with what differs
 * between batches: a signal far below that is drowned, whatever the weights carry. The loss is that of each
 * sequence's last answer. The gradient by short ways is that of backpropagation which ends `lag` steps before the
 * answer, as in a truncated window; the rest came from further back. Undefined where too few sequences are so
 * long, or where dropout would make two passes differ. Leaves the parameters changed.
 */
export function measureLongGradient(engine: Engine, heldOut: HeldOut, lag: number, batch: number, alive: Checkpointed): LongGradient | undefined {
  if (engine.architecture.layers.some(({ dropout }) => dropout > 0)) return undefined;
  const long = heldOut.sequences.map(upToLastAnswer).filter(({ steps }) => steps > lag).slice(0, mostSequences);
  const together = Math.floor(long.length / groups);
  if (together < leastTogether) return undefined;
  const parameters = engine.parameters();
  const wholes: Float64Array[] = [];
  const fars: Float64Array[] = [];
  for (let group = 0; group < groups; group++) {
    const own = long.slice(group * together, (group + 1) * together);
    const steps = Math.min(mostSteps, ...own.map((sequence) => sequence.steps));
    const ending = own.map((sequence) => cut(sequence, sequence.steps - steps, sequence.steps));
    const whole = gradient(engine, parameters, batchOfSequences(ending, heldOut, steps), undefined, alive);
    const begin = steps - lag;
    const before = begin > 0 ? batchOfSequences(ending.map((sequence) => cut(sequence, 0, begin)), heldOut, begin) : undefined;
    const near = gradient(engine, parameters, batchOfSequences(ending.map((sequence) => cut(sequence, begin, steps)), heldOut, steps - begin), before, alive);
    wholes.push(whole);
    fars.push(whole.map((value, i) => value - (near[i] ?? 0)));
  }
  const [all, far] = [meanSquare(wholes), meanSquare(fars)];
  // The variance of one group's mean, for a batch of the training's size.
  const noise = (all.spread * together) / Math.max(1, batch);
  return { lag, share: Math.sqrt(far.size / Math.max(all.size, Number.MIN_VALUE)), signalToNoise: far.signal / Math.max(noise, Number.MIN_VALUE), error: far.error / Math.max(noise, Number.MIN_VALUE) };
}

/** A sequence that ends with its last answer, the only one that it keeps. */
function upToLastAnswer(sequence: HeldOutSequence): HeldOutSequence {
  const last = answerSteps(sequence).at(-1) ?? -1;
  const width = sequence.targets.length / sequence.steps;
  const only = cut(sequence, 0, last + 1);
  const targets = only.targets.map((target, i) => (i >= last * width ? target : only.targets instanceof Int32Array ? -1 : NaN));
  return { ...only, targets };
}

function cut({ steps, inputs, targets }: HeldOutSequence, from: number, to: number): HeldOutSequence {
  const [wide, answers] = [inputs.length / steps, targets.length / steps];
  return { steps: to - from, inputs: inputs.slice(from * wide, to * wide), targets: targets.slice(from * answers, to * answers) };
}

/** The gradient of a batch's mean loss by all parameters, after the state that `before` leaves. */
function gradient(engine: Engine, parameters: Tensors, batch: Batch, before: Batch | undefined, alive: Checkpointed): Float64Array {
  engine.setParameters(parameters);
  const state = engine.createState(batch.sequences);
  if (before) engine.evaluate(before, { state, alive });
  engine.step(batch, { optimizer: { kind: 'sgd', learningRate: rate } }, { state, alive });
  const after = engine.parameters();
  const parts = [...parameters].map(([name, { data }]) => {
    const moved = after.get(name)?.data;
    return Float64Array.from(data, Number).map((value, i) => (value - Number(moved?.[i])) / rate);
  });
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const part of parts) {
    all.set(part, place);
    place += part.length;
  }
  return all;
}

/** Of vectors that scatter around a common one: its squared length without what scatter adds, the error of that, and their own mean squared length and scatter. */
function meanSquare(vectors: readonly Float64Array[]): { readonly signal: number; readonly error: number; readonly size: number; readonly spread: number } {
  const count = vectors.length;
  const sum = new Float64Array(vectors[0]?.length ?? 0);
  const lengths = vectors.map((vector) => vector.reduce((total, value, i) => {
    sum[i] = (sum[i] ?? 0) + value;
    return total + value * value;
  }, 0));
  const [total, squares] = [sum.reduce((all, value) => all + value * value, 0), lengths.reduce((all, value) => all + value, 0)];
  const signal = (total - squares) / (count * (count - 1));
  // Jackknife: the same without each of the vectors.
  const without = vectors.map((vector, index) => {
    const rest = sum.reduce((all, value, i) => all + (value - (vector[i] ?? 0)) ** 2, 0);
    return (rest - (squares - (lengths[index] ?? 0))) / ((count - 1) * (count - 2));
  });
  const mean = without.reduce((all, value) => all + value, 0) / count;
  const error = Math.sqrt(((count - 1) / count) * without.reduce((all, value) => all + (value - mean) ** 2, 0));
  return { signal, error, size: squares / count, spread: Math.max(0, squares / count - signal) };
}
