import * as vscode from 'vscode';
import { isUnderWay, startText } from '../views/runText';
import type { Command } from './context';
import { showFailure } from './failure';
import { namedRun } from './target';

/** Deletes a run's folder after asking; to the trash where there is one. */
export const deleteRun: Command = (context) => async (target) => {
  const run = namedRun(target);
  if (!run) return;
  const [active] = context.runs.active().filter(({ folder }) => folder === run.folder);
  if (active && isUnderWay(active.state)) return void vscode.window.showWarningMessage(`${run.name} is training. Stop it before you delete it.`);
  const confirm = 'Delete';
  const detail = 'Its checkpoints, curve and vocabulary are deleted with it. The spec stays.';
  const question = `Delete the run of ${run.name} from ${startText(run.startedAt, Date.now())}?`;
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, confirm)) !== confirm) return;
  try {
    await removeFolder(vscode.Uri.file(run.folder));
    context.models.reload();
  } catch (error) {
    await showFailure(context, error, 'The run was not deleted');
  }
};

async function removeFolder(folder: vscode.Uri): Promise<void> {
  try {
    await vscode.workspace.fs.delete(folder, { recursive: true, useTrash: true });
  } catch {
    await vscode.workspace.fs.delete(folder, { recursive: true, useTrash: false }); // many servers have no trash
  }
}
