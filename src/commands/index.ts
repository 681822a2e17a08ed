import * as vscode from 'vscode';
import { checkGradients } from './checkGradients';
import { compareCells } from './compareCells';
import { compareRuns } from './compareRuns';
import type { Command, CommandContext } from './context';
import { deleteRun } from './deleteRun';
import { diagnoseMemory } from './diagnoseMemory';
import { generateText } from './generateText';
import { inspectModel } from './inspectModel';
import { inspectLiveRun, resumeLiveRun, stopLiveRun } from './liveRun';
import { newModel } from './newModel';
import { resumeTraining } from './resumeTraining';
import { revealRun } from './revealRun';
import { showLog } from './showLog';
import { stopTraining } from './stopTraining';
import { trainModel } from './trainModel';
import { previewFix, tryFix } from './tryFix';

/** Every command of the extension; `package.json` declares the same, and a test compares the two. */
export const commands: Readonly<Record<string, Command>> = {
  'unroll.newModel': newModel,
  'unroll.trainModel': trainModel,
  'unroll.stopTraining': stopTraining,
  'unroll.inspectModel': inspectModel,
  'unroll.generateText': generateText,
  'unroll.compareRuns': compareRuns,
  'unroll.compareCells': compareCells,
  'unroll.diagnoseMemory': diagnoseMemory,
  'unroll.checkGradients': checkGradients,
  'unroll.previewFix': previewFix,
  'unroll.tryFix': tryFix,
  'unroll.showLog': showLog,
  'unroll.resumeTraining': resumeTraining,
  'unroll.revealRun': revealRun,
  'unroll.deleteRun': deleteRun,
  'unroll.live.stop': stopLiveRun,
  'unroll.live.resume': resumeLiveRun,
  'unroll.live.inspect': inspectLiveRun,
};

/** Registers them all. */
export function registerCommands(context: CommandContext): vscode.Disposable {
  return vscode.Disposable.from(...Object.entries(commands).map(([id, command]) => vscode.commands.registerCommand(id, command(context))));
}
