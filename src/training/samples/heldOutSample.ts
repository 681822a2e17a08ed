import type { Sample, TaskData } from '../../data/task';
import { SampleError } from './sampleError';

/** Held-out sample `index` (from 0) of loaded data. Throws a SampleError when there is no such sample. */
export function heldOutSample({ samples }: TaskData, index: number): Sample {
  if (!samples || samples.count === 0) throw new SampleError('The data hold no sample to inspect. Hold out a larger share of them ("validation"), or type one.');
  if (!Number.isInteger(index) || index < 0 || index >= samples.count) {
    throw new SampleError(samples.count === 1 ? `There is no sample ${index + 1}: the data hold one.` : `There is no sample ${index + 1}: they are numbered from 1 to ${samples.count}.`);
  }
  return samples.at(index);
}
