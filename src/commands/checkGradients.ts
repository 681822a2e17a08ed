import * as vscode from 'vscode';
import { basename } from 'node:path';
import { usableSpec } from '../runs/specText';
import { checkBadge } from '../views/gradientChecks';
import type { Command, CommandContext } from './context';
import { showFailure } from './failure';
import { chooseTarget } from './target';

/** Compares the gradients of a spec with finite differences in f64, parameter by parameter; the spec then wears a badge of it. */
export const checkGradients: Command = (context) => async (target) => {
  const chosen = await chooseTarget(context, target, 'Check Gradients');
  if (!chosen) return;
  try {
    await check(context, chosen.specPath);
  } catch (error) {
    await showFailure(context, error, `The gradients of ${basename(chosen.specPath)} were not checked`);
  }
};

async function check(context: CommandContext, specPath: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument(specPath);
  if (document.isDirty && !(await document.save())) throw new Error('The spec could not be saved.');
  const { spec } = usableSpec(specPath, document.getText());
  const options = { location: vscode.ProgressLocation.Notification, title: `Checking the gradients of ${spec.name}`, cancellable: true };
  const result = await vscode.window.withProgress(options, async (progress, cancellation) => {
    const cancel = new AbortController();
    const listening = cancellation.onCancellationRequested(() => cancel.abort());
    let told = 0;
    const onProgress = (done: number): void => {
      progress.report({ increment: 100 * (done - told), message: `${Math.round(100 * done)} %` });
      told = done;
    };
    return context.runs.check(specPath, { onProgress, signal: cancel.signal }).finally(() => listening.dispose());
  });
  for (const { name, relativeError } of result.parameters) context.log.info(`${spec.name}: gradient of ${name} differs by ${relativeError.toExponential(1)}`);
  await context.checks.keep(specPath, spec, result);
  const badge = checkBadge(context.checks.of(specPath), spec);
  const show = badge?.kind === 'wrong' ? vscode.window.showErrorMessage : vscode.window.showInformationMessage;
  void show(`${spec.name}: ${badge?.text ?? ''}. ${badge?.tooltip ?? ''}`);
}
