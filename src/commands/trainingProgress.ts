import * as vscode from 'vscode';
import type { Training } from '../runs/api';
import type { RunInfo } from '../shared/run';
import { countText, headlineLoss, runLine } from '../views/runText';
import type { CommandContext } from './context';

/** Shows a training's progress with a way to cancel it, then how it ended; settles when it has. */
export async function watchTraining(context: CommandContext, training: Training): Promise<void> {
  const ended = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: `Training ${training.info.name}`, cancellable: true },
    async (progress, cancellation) => {
      let shown = 0;
      const stopListening = context.runs.onDidChange(({ info }) => {
        if (info.folder !== training.info.folder) return;
        const share = info.steps > 0 ? (100 * info.step) / info.steps : 0;
        progress.report({ message: runLine(info), increment: Math.max(0, share - shown) });
        shown = Math.max(shown, share);
      });
      const cancelled = cancellation.onCancellationRequested(() => void training.stop());
      try {
        return await training.finished;
      } finally {
        stopListening();
        cancelled.dispose();
      }
    },
  );
  void tellEnd(context, ended);
}

/** Says how a run ended and offers what to do next. */
async function tellEnd(context: CommandContext, run: RunInfo): Promise<void> {
  const inspect = 'Inspect';
  const log = 'Show Log';
  const reason = run.reason === undefined ? '' : ` ${run.reason}`;
  const steps = `${countText(run.step)} ${run.step === 1 ? 'step' : 'steps'}`;
  const answer = await (run.state === 'failed' || run.state === 'diverged'
    ? vscode.window.showErrorMessage(`Training ${run.name} ${run.state} after ${steps}.${reason}`, log)
    : vscode.window.showInformationMessage(`${run.name} ${run.state === 'done' ? 'trained' : run.state} after ${steps}: ${headlineLoss(run) ?? 'no loss yet'}.`, inspect));
  if (answer === inspect) await context.inspector.show({ specPath: run.specPath, run: run.folder });
  if (answer === log) context.log.show();
}
