import type { LogOutputChannel } from 'vscode';
import type { RunsApi } from '../runs/api';
import type { RunState } from '../shared/run';
import { countText, lossText, runLine } from './runText';

/** Writes to the log what becomes of each run: its start, its evaluations, its end and why. Returns a function that stops. */
export function logRuns(runs: RunsApi, log: LogOutputChannel): () => void {
  const states = new Map<string, RunState>();
  return runs.onDidChange(({ info, evaluations }) => {
    const name = `${info.name} (${info.id})`;
    for (const { step, validationLoss } of evaluations ?? []) log.info(`${name}: step ${countText(step)}, validation ${lossText(validationLoss)}`);
    if (states.get(info.folder) === info.state) return;
    states.set(info.folder, info.state);
    const line = `${name}: ${info.state}, ${runLine(info)}${info.reason === undefined ? '' : `. ${info.reason}`}`;
    if (info.state === 'failed' || info.state === 'diverged') log.error(line);
    else log.info(line);
  });
}
