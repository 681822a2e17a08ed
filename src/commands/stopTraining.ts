import * as vscode from 'vscode';
import type { RunInfo } from '../shared/run';
import type { Command, CommandContext } from './context';
import { showFailure } from './failure';
import { chooseRun, namedRun, namedTarget } from './target';

/** Stops the training of a row or a spec; without one, the only training or the one that is picked. */
export const stopTraining: Command = (context) => async (target) => {
  const active = context.runs.active();
  if (active.length === 0) return void vscode.window.showInformationMessage('Nothing is training.');
  const run = namedRun(target);
  const specPath = namedTarget(target)?.specPath;
  const named = active.filter((other) => (run ? other.folder === run.folder : other.specPath === specPath));
  const chosen = named.length > 0 ? named : [await chooseRun(active, 'Stop Training')].filter((picked) => picked !== undefined);
  await stopRuns(context, chosen);
};

/** Stops these runs, each with a checkpoint; failures are told. */
export async function stopRuns(context: CommandContext, runs: readonly RunInfo[]): Promise<void> {
  await Promise.all(runs.map((run) => context.runs.stop(run.folder).catch((error: unknown) => showFailure(context, error, `${run.name} was not stopped`))));
}
