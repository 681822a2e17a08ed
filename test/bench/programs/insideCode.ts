import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { UnrollApi } from '../../../src/api';

/*
 * Runs in VS Code's extension host, in a folder with one spec: trains it with nothing but the editor open, then with
 * the Inspector following the training, and so on in turn, while it watches its event loop.
 */

/** What is measured and where it is written, as JSON in the environment variable UNROLL_BENCH. */
export interface InsideRequest {
  readonly answer: string;
  /** Name of the spec in the folder. */
  readonly spec: string;
  /** Seconds of each phase, and how many pairs of phases. */
  readonly seconds: number;
  readonly pairs: number;
}

export interface InsideAnswer {
  /** Steps a second without and with the Inspector, phase by phase. */
  readonly alone: readonly number[];
  readonly watched: readonly number[];
  /** Milliseconds that the extension host's event loop was late at most, without and with the Inspector. */
  readonly late: { readonly alone: number; readonly watched: number };
}

/** Until an Inspector has opened and drawn, or has closed, in milliseconds. */
const settling = 3_000;

/** Called by VS Code as a suite of tests is; it exits when this settles. */
export async function run(): Promise<void> {
  const { answer, spec, seconds, pairs } = JSON.parse(process.env['UNROLL_BENCH'] ?? '') as InsideRequest;
  const uri = vscode.Uri.file(join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '', spec));
  await vscode.window.showTextDocument(uri);
  const unroll = await vscode.extensions.getExtension<UnrollApi>('unroll.unroll-rnn')?.activate();
  if (!unroll) throw new Error('Unroll is not there.');
  let [step, at] = [0, 0];
  unroll.onDidChangeRuns((run) => void ([step, at] = [run.step, performance.now()]));
  const cancel = new vscode.CancellationTokenSource();
  const trained = unroll.train(uri, { cancellation: cancel.token });
  const late = { alone: 0, watched: 0 };

  const phase = async (figures: 'alone' | 'watched'): Promise<number> => {
    if (figures === 'watched') await vscode.commands.executeCommand('unroll.inspectModel', uri);
    await sleep(settling);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const [firstStep, firstAt] = [step, at];
    await sleep(seconds * 1000);
    const rate = ((step - firstStep) / (at - firstAt)) * 1000;
    delay.disable();
    late[figures] = Math.max(late[figures], delay.max / 1e6);
    if (figures === 'watched') await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    return rate;
  };

  const rates = { alone: [] as number[], watched: [] as number[] };
  for (let pair = 0; pair < pairs; pair++) {
    rates.alone.push(await phase('alone'));
    rates.watched.push(await phase('watched'));
  }
  cancel.cancel();
  await trained;
  writeFileSync(answer, JSON.stringify({ ...rates, late } satisfies InsideAnswer));
}
