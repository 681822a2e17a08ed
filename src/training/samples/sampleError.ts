import type { Architecture } from '../../spec/architecture';

/** A sample that cannot be traced; the message is for a person. */
export class SampleError extends Error {
  override readonly name = 'SampleError';
}

/** The longest sample with a loss at each step: the time of a flow matrix grows with the square. */
export const mostSampleSteps = 2048;

/** Bytes that the flow matrices of all layers and directions may take together: several traces are held at once. */
const mostFlowBytes = 128 * 2 ** 20;

/** Throws a SampleError when a sample is too long to be traced with its flow. A loss taken once has one row of flow, however long. */
export function checkLength(steps: number, { loss, layers, encoder }: Pick<Architecture, 'loss' | 'layers' | 'encoder'>): void {
  if (loss === 'class') return;
  const matrices = [...layers, ...(encoder?.layers ?? [])].reduce((count, { directions }) => count + directions.length, 0);
  const most = Math.min(mostSampleSteps, Math.floor(Math.sqrt(mostFlowBytes / 8 / matrices)));
  if (steps > most) throw new SampleError(`The sample has ${steps} timesteps; at most ${most} can be inspected. Take a shorter one.`);
}
