import type { Samples, SequenceBatch } from '../../data/task';
import type { LossKind } from '../../spec/architecture';

/** Samples that are looked through for some of the wanted length: enough of them in data of thousands of words. */
const mostLooked = 4000;

/** Up to `most` samples that are as long as `like` (both sides of a translation), spread over all there are. */
export function samplesOfLength(samples: Samples, { steps, source }: SequenceBatch, most: number): SequenceBatch[] {
  const looked = Math.min(samples.count, mostLooked);
  const found: SequenceBatch[] = [];
  // Every n-th first, and what lies between them afterwards: neighbours in a text are alike.
  const stride = Math.max(1, Math.floor(looked / most));
  for (let offset = 0; offset < stride; offset++) {
    for (let index = offset; index < looked; index += stride) {
      if (found.length >= most) return found;
      const { batch } = samples.at(index);
      if (batch.steps === steps && batch.source?.steps === source?.steps) found.push(batch);
    }
  }
  return found;
}

/** Batches of one sequence each, all of one length, as one batch; the sequences keep their order. */
export function sideBySide(batches: readonly SequenceBatch[], loss: LossKind): SequenceBatch {
  const [first] = batches;
  if (!first) throw new RangeError('there is no sequence to put beside others');
  const { steps, source } = first;
  const inputs = interleaved(batches.map((batch) => batch.inputs), steps);
  const targets = interleaved(batches.map((batch) => batch.targets), loss === 'class' ? 1 : steps);
  const sources = batches.flatMap((batch) => (batch.source ? [batch.source.inputs] : []));
  return { steps, sequences: batches.length, inputs, targets, ...(source ? { source: { steps: source.steps, inputs: Int32Array.from(interleaved(sources, source.steps)) } } : {}) };
}

/** Rows [steps, width] of each part as [steps, parts, width]. */
function interleaved(parts: readonly (Int32Array | Float64Array)[], steps: number): Int32Array | Float64Array {
  const [first] = parts;
  const width = (first?.length ?? 0) / steps;
  const all = first instanceof Float64Array ? new Float64Array(steps * parts.length * width) : new Int32Array(steps * parts.length * width);
  parts.forEach((part, b) => {
    for (let t = 0; t < steps; t++) all.set(part.subarray(t * width, (t + 1) * width), (t * parts.length + b) * width);
  });
  return all;
}
