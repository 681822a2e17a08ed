import * as vscode from 'vscode';
import { basename } from 'node:path';
import type { RunInfo } from '../shared/run';
import type { ModelsNode } from '../views/modelsModel';
import { runLine, startText } from '../views/runText';
import type { CommandContext, InspectTarget } from './context';

const specSuffix = '.rnn.json';

function isNode(target: unknown): target is ModelsNode {
  return typeof target === 'object' && target !== null && 'kind' in target && (target.kind === 'model' || target.kind === 'run');
}

/** What a command was called on: a row of the tree, a file, or (called without one) the spec in the active editor. */
export function namedTarget(target: unknown): InspectTarget | undefined {
  if (isNode(target)) return target.kind === 'model' ? { specPath: target.entry.specPath } : { specPath: target.run.specPath, run: target.run.folder };
  if (target instanceof vscode.Uri) return { specPath: target.fsPath };
  const active = vscode.window.activeTextEditor?.document;
  return active?.uri.scheme === 'file' && active.fileName.endsWith(specSuffix) ? { specPath: active.fileName } : undefined;
}

/** The row of a run, when the command was called on one. */
export function namedRun(target: unknown): RunInfo | undefined {
  return isNode(target) && target.kind === 'run' ? target.run : undefined;
}

/** The named target, or the spec a person picks; undefined when they pick none or there is none, which they are told. */
export async function chooseTarget(context: CommandContext, target: unknown, purpose: string): Promise<InspectTarget | undefined> {
  const named = namedTarget(target);
  if (named) return named;
  const specPaths = await context.models.specPaths();
  const [only, ...more] = specPaths;
  if (only === undefined) {
    const create = 'New Model';
    const answer = await vscode.window.showInformationMessage('There is no model in this workspace yet: no file ends with .rnn.json.', create);
    if (answer === create) await vscode.commands.executeCommand('unroll.newModel');
    return undefined;
  }
  if (more.length === 0) return { specPath: only };
  const items = specPaths.map((specPath) => ({ label: basename(specPath), description: vscode.workspace.asRelativePath(specPath), specPath }));
  return vscode.window.showQuickPick(items, { title: purpose, placeHolder: 'Which model?' });
}

/** The run a person picks among several; the only one when there is one. */
export async function chooseRun(runs: readonly RunInfo[], purpose: string): Promise<RunInfo | undefined> {
  if (runs.length <= 1) return runs[0];
  const items = runs.map((run) => ({ label: run.name, description: `${startText(run.startedAt, Date.now())} · ${runLine(run)}`, run }));
  return (await vscode.window.showQuickPick(items, { title: purpose, placeHolder: 'Which run?' }))?.run;
}
