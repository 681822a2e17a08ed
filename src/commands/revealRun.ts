import * as vscode from 'vscode';
import type { Command } from './context';
import { namedRun } from './target';

/** Shows a run's folder in the operating system's file manager (the explorer, where the files are on another machine). */
export const revealRun: Command = () => async (target) => {
  const run = namedRun(target);
  if (!run) return;
  const command = vscode.env.remoteName === undefined && vscode.env.uiKind === vscode.UIKind.Desktop ? 'revealFileInOS' : 'revealInExplorer';
  await vscode.commands.executeCommand(command, vscode.Uri.file(run.folder));
};
