import type { Command } from './context';
import { namedRun } from './target';
import { startTraining } from './trainModel';

/** Goes on with a stopped or interrupted run from its newest checkpoint (from a row of the tree). */
export const resumeTraining: Command = (context) => async (target) => {
  const run = namedRun(target);
  if (run) await startTraining(context, run.specPath, { resume: 'resume', folder: run.folder });
};
