import type { Command } from './context';
import { inspectModel } from './inspectModel';
import { resumeTraining } from './resumeTraining';
import { stopTraining } from './stopTraining';

/** A command on the run that the view *Live* shows, as if it had been called on that run's row of the tree. */
function onLiveRun(command: Command): Command {
  return (context) => {
    const act = command(context);
    return () => {
      const { run } = context.live;
      return act(run && { kind: 'run', run });
    };
  };
}

/** Stops the training that the view *Live* shows. */
export const stopLiveRun = onLiveRun(stopTraining);
/** Goes on with it. */
export const resumeLiveRun = onLiveRun(resumeTraining);
/** Opens the Inspector on it. */
export const inspectLiveRun = onLiveRun(inspectModel);
