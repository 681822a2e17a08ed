import type { LossKind } from '../../spec/architecture';

/** A sample that cannot be traced; the message is for a person. */
export class SampleError extends Error {
  override readonly name = 'SampleError';
}

/** The longest sample with a loss at each step: a flow matrix of this side is 8 MB, and its time grows with the square. */
export const mostSampleSteps = 1024;

/** Throws a SampleError when a sample is too long to be traced with its flow. A loss taken once has one row of flow, however long. */
export function checkLength(steps: number, loss: LossKind): void {
  if (loss !== 'class' && steps > mostSampleSteps) throw new SampleError(`The sample has ${steps} timesteps; at most ${mostSampleSteps} can be inspected. Take a shorter one.`);
}
