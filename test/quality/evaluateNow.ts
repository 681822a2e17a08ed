import type { TrainingSession } from '../../src/training/trainingSession';

/** The validation loss of a session, without a break; NaN when nothing is held out. */
export function evaluateNow(session: TrainingSession): number {
  const evaluation = session.evaluate();
  let next = evaluation.next();
  while (next.done !== true) next = evaluation.next();
  return next.value ?? NaN;
}
