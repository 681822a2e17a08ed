import * as vscode from 'vscode';
import { basename } from 'node:path';
import type { Training, TrainOptions } from '../runs/api';
import type { RunInfo } from '../shared/run';
import { countText } from '../views/runText';
import type { Command, CommandContext } from './context';
import { showFailure } from './failure';
import { stopRuns } from './stopTraining';
import { chooseTarget } from './target';
import { watchTraining } from './trainingProgress';

/** Trains the spec of the active editor, of a row of the tree, or one that is picked. */
export const trainModel: Command = (context) => async (target) => {
  const chosen = await chooseTarget(context, target, 'Train Model');
  if (chosen) await startTraining(context, chosen.specPath);
};

/** Specs whose trainings are being prepared: an impatient second click asks for no second training. */
const preparing = new Set<string>();

/** Saves the spec and starts its training, which is accompanied to its end; every failure is told to the person. */
export async function startTraining(context: CommandContext, specPath: string, options: TrainOptions = {}): Promise<void> {
  if (preparing.has(specPath)) return;
  const [running, ...more] = context.runs.active().filter((run) => run.specPath === specPath);
  if (running) return offerToStop(context, running, more);
  preparing.add(specPath);
  try {
    const training = await prepare(context, specPath, options).finally(() => preparing.delete(specPath));
    void watchTraining(context, training);
  } catch (error) {
    await showFailure(context, error, `${basename(specPath)} was not trained`);
  }
}

async function prepare(context: CommandContext, specPath: string, options: TrainOptions): Promise<Training> {
  const open = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === specPath);
  if (open?.isDirty === true && !(await open.save())) throw new Error(`${basename(specPath)} could not be saved, so it was not trained.`);
  const training = await context.runs.train(specPath, options);
  for (const warning of training.warnings) {
    context.log.warn(`${training.info.name}: ${warning}`);
    void vscode.window.showWarningMessage(warning);
  }
  return training;
}

async function offerToStop(context: CommandContext, first: RunInfo, more: readonly RunInfo[]): Promise<void> {
  const stop = 'Stop Training';
  const answer = await vscode.window.showInformationMessage(`${first.name} is training already, at step ${countText(first.step)}. Stop it first to train it anew.`, stop);
  if (answer === stop) await stopRuns(context, [first, ...more]);
}
