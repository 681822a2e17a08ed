import { EventEmitter, type CancellationToken, type Disposable } from 'vscode';
import type { UnrollApi } from './api';
import type { RunsApi } from './runs/api';
import type { RunInfo } from './shared/run';

/** The extension's API over these runs; dispose it with the extension. */
export function createApi(runs: RunsApi): UnrollApi & Disposable {
  const changed = new EventEmitter<RunInfo>();
  const stop = runs.onDidChange(({ info }) => changed.fire(info));
  return {
    onDidChangeRuns: changed.event,
    async train(uri, { cancellation, ...options } = {}) {
      const training = await runs.train(uri.fsPath, { ...options, signal: signalOf(cancellation) });
      return training.finished;
    },
    async trace(uri, { run, checkpoint = 'latest', sample, cancellation } = {}) {
      const folder = run ?? (await runs.list(uri.fsPath))[0]?.folder;
      if (folder === undefined) throw new Error(`${uri.fsPath} has no run yet: train it first.`);
      return runs.trace({ run: folder, checkpoint, sample, signal: signalOf(cancellation) });
    },
    dispose() {
      stop();
      changed.dispose();
    },
  };
}

function signalOf(cancellation: CancellationToken | undefined): AbortSignal | undefined {
  if (!cancellation) return undefined;
  const controller = new AbortController();
  if (cancellation.isCancellationRequested) controller.abort();
  cancellation.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
