import * as vscode from 'vscode';
import { RunError, SpecProblemsError } from '../runs/api';
import { AbortError } from '../shared/rpc';
import type { CommandContext } from './context';

/** Tells a person why something did not happen, and offers the next step: the problems of the spec, trust, or the log. */
export async function showFailure(context: CommandContext, error: unknown, what: string): Promise<void> {
  if (error instanceof AbortError) return;
  const message = error instanceof Error ? error.message : String(error);
  context.log.error(`${what}: ${error instanceof Error ? (error.stack ?? message) : message}`);
  if (error instanceof SpecProblemsError) return showProblems(error, what);
  if (error instanceof RunError && error.code === 'restricted') return showRestriction(message);
  const log = 'Show Log';
  if ((await vscode.window.showErrorMessage(`${what}: ${message}`, log)) === log) context.log.show();
}

async function showRestriction(message: string): Promise<void> {
  const manage = 'Manage Workspace Trust';
  if ((await vscode.window.showWarningMessage(message, manage)) === manage) await vscode.commands.executeCommand('workbench.trust.manage');
}

async function showProblems(error: SpecProblemsError, what: string): Promise<void> {
  const errors = error.problems.filter(({ severity }) => severity === 'error');
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const show = 'Show Problems';
  if ((await vscode.window.showErrorMessage(`${what}: ${error.message}${more}`, show)) !== show) return;
  const document = await vscode.workspace.openTextDocument(error.specPath);
  const [first] = errors;
  const selection = first && new vscode.Range(document.positionAt(first.range.start), document.positionAt(first.range.end));
  await vscode.window.showTextDocument(document, { selection });
  await vscode.commands.executeCommand('workbench.actions.view.problems');
}
