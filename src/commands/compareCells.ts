import { basename } from 'node:path';
import * as vscode from 'vscode';
import { SpecProblemsError, type Training } from '../runs/api';
import { finishedRun } from '../runs/finishedRun';
import { cellKinds, cellNames, cellVariants, type CellVariant } from '../spec/cellVariants';
import { isUsable, parseSpec } from '../spec/parse';
import { countText, runLine } from '../views/runText';
import type { Command, CommandContext } from './context';
import { showFailure } from './failure';
import { chooseTarget } from './target';

/**
 * Trains the spec with LSTM, GRU and vanilla RNN cells, one after the other on the same seed and steps, and
 * shows them side by side while they learn. A finished run of the same training is taken as it is.
 */
export const compareCells: Command = (context) => async (target) => {
  const chosen = await chooseTarget(context, target, 'Compare Cells');
  if (!chosen) return;
  if (!vscode.workspace.isTrusted) return void vscode.window.showWarningMessage('Training is off in Restricted Mode. Trust this workspace to train its models.');
  const { specPath } = chosen;
  try {
    const text = (await vscode.workspace.openTextDocument(specPath)).getText();
    const parsed = parseSpec(text);
    if (!isUsable(parsed)) throw new SpecProblemsError(specPath, text, parsed.problems);
    await trainVariants(context, specPath, parsed.spec.name, cellVariants(parsed));
  } catch (error) {
    await showFailure(context, error, `The cells of ${basename(specPath)} were not compared`);
  }
};

async function trainVariants(context: CommandContext, specPath: string, name: string, variants: readonly CellVariant[]): Promise<void> {
  const folders = new Map<string, string>();
  const show = (): void => {
    const labels = Object.fromEntries([...folders].map(([cell, folder]) => [folder, cell]));
    const runs = cellKinds.map((cell) => folders.get(cellNames[cell])).filter((folder) => folder !== undefined);
    context.compare.show({ title: `Cells · ${name}`, runs, labels, kind: { cells: variants.length } });
  };
  const options = { location: vscode.ProgressLocation.Notification, title: `Comparing the cells of ${name}`, cancellable: true };
  await vscode.window.withProgress(options, async (progress, cancellation) => {
    for (const [index, { cell, text }] of variants.entries()) {
      if (cancellation.isCancellationRequested) return;
      const label = cellNames[cell];
      const finished = await finishedRun(context.runs, specPath, text);
      if (finished) {
        folders.set(label, finished.folder);
        show();
        continue;
      }
      const training = await context.runs.train(specPath, { text });
      folders.set(label, training.info.folder);
      show();
      const { state, step, reason } = await follow(context, training, cancellation, (line) => progress.report({ message: `${label} (${index + 1} of ${variants.length}) · ${line}` }));
      if (state === 'failed') throw new Error(`the ${label} failed at step ${countText(step)}. ${reason ?? ''}`.trim());
      if (state === 'stopped') return;
    }
  });
}

/** Accompanies a training to its end; cancelling stops it with a checkpoint. */
async function follow(context: CommandContext, training: Training, cancellation: vscode.CancellationToken, tell: (line: string) => void): ReturnType<Training['stop']> {
  const stopListening = context.runs.onDidChange(({ info }) => {
    if (info.folder === training.info.folder) tell(runLine(info));
  });
  const cancelled = cancellation.onCancellationRequested(() => void training.stop());
  if (cancellation.isCancellationRequested) void training.stop();
  try {
    return await training.finished;
  } finally {
    stopListening();
    cancelled.dispose();
  }
}
