import * as vscode from 'vscode';
import type { RunInfo } from '../shared/run';
import { runLine, startText } from '../views/runText';
import type { Command, CommandContext } from './context';
import { showFailure } from './failure';
import { namedTarget } from './target';

/** Shows several runs of the workspace side by side: a person ticks which; those of the named spec are ticked already. */
export const compareRuns: Command = (context) => async (target) => {
  try {
    const specPath = namedTarget(target)?.specPath;
    const runs = await runsOfWorkspace(context, specPath);
    if (runs.length < 2) return void vscode.window.showInformationMessage(`A comparison needs two runs, and there ${runs.length === 1 ? 'is one' : 'is none'}. Train a model, or compare its cells with "Unroll: Compare Cells".`);
    const items = runs.map((run) => ({ label: run.name, description: `${startText(run.startedAt, Date.now())} · ${runLine(run)}`, picked: run.specPath === specPath, run }));
    const picked = await vscode.window.showQuickPick(items, { title: 'Compare Runs', placeHolder: 'Which runs? Tick at least two', canPickMany: true, matchOnDescription: true });
    if (!picked) return;
    if (picked.length < 2) return void vscode.window.showInformationMessage('A comparison needs at least two runs.');
    context.compare.show({ title: 'Comparison', runs: picked.map(({ run }) => run.folder), kind: 'runs' });
  } catch (error) {
    await showFailure(context, error, 'The runs could not be compared');
  }
};

/** Runs of all specs, and of the named one wherever it is, that have trained at least a step, newest first. */
async function runsOfWorkspace({ runs, models }: CommandContext, named: string | undefined): Promise<RunInfo[]> {
  const specs = new Set([...(await models.specPaths()), ...(named === undefined ? [] : [named])]);
  const lists = await Promise.all([...specs].map((specPath) => runs.list(specPath).catch(() => [])));
  return lists.flat().filter(({ step, parameters }) => step > 0 && parameters > 0).sort((a, b) => b.startedAt - a.startedAt);
}
