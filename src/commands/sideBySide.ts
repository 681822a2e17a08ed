import * as vscode from 'vscode';
import type { Training } from '../runs/api';
import { finishedRun } from '../runs/finishedRun';
import type { CompareTarget } from '../shared/comparison';
import type { RunInfo } from '../shared/run';
import { countText, runLine } from '../views/runText';
import type { CommandContext } from './context';

/** Texts of a spec to be trained one after the other, and how they are shown beside each other. */
export interface SideBySide {
  readonly specPath: string;
  /** Title of the progress. */
  readonly doing: string;
  /** In the order they are trained. */
  readonly variants: readonly { readonly label: string; readonly text: string }[];
  /** Labels in the order they are shown. */
  readonly shown: readonly string[];
  readonly target: Pick<CompareTarget, 'title' | 'kind'>;
  /** Updates of each, in place of the spec's. */
  readonly steps?: number;
}

/**
 * Trains the variants on the same seed and steps and shows them side by side while they learn. A finished run
 * of the same training is taken as it is. Resolves with the runs by label; fewer when somebody stopped it.
 */
export async function trainSideBySide(context: CommandContext, { specPath, doing, variants, shown, target, steps }: SideBySide): Promise<ReadonlyMap<string, RunInfo>> {
  const runs = new Map<string, RunInfo>();
  const given = steps === undefined ? {} : { steps };
  const show = (): void => {
    const inOrder = shown.flatMap((label) => runs.get(label) ?? []);
    context.compare.show({ ...target, runs: inOrder.map(({ folder }) => folder), labels: Object.fromEntries([...runs].map(([label, { folder }]) => [folder, label])) });
  };
  const options = { location: vscode.ProgressLocation.Notification, title: doing, cancellable: true };
  await vscode.window.withProgress(options, async (progress, cancellation) => {
    for (const [index, { label, text }] of variants.entries()) {
      if (cancellation.isCancellationRequested) return;
      const finished = await finishedRun(context.runs, specPath, text, given);
      if (finished) {
        runs.set(label, finished);
        show();
        continue;
      }
      const training = await context.runs.train(specPath, { text, ...given });
      runs.set(label, training.info);
      show();
      const ended = await follow(context, training, cancellation, (line) => progress.report({ message: `${label} (${index + 1} of ${variants.length}) · ${line}` }));
      if (ended.state === 'failed') throw new Error(`“${label}” failed at step ${countText(ended.step)}. ${ended.reason ?? ''}`.trim());
      if (ended.state === 'stopped') {
        runs.delete(label);
        return;
      }
      runs.set(label, ended);
    }
  });
  return runs;
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
