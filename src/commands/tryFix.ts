import { basename } from 'node:path';
import * as vscode from 'vscode';
import { SpecProblemsError } from '../runs/api';
import { keepTriedEdit } from '../runs/triedEdits';
import type { Fix, TriedEdit } from '../shared/diagnosis';
import type { RunInfo } from '../shared/run';
import { editedText, nameWithEnding } from '../spec/editText';
import { isUsable, parseSpec } from '../spec/parse';
import { triedText, tryOutcome } from '../diagnosis/tryVerdict';
import type { Command, CommandContext } from './context';
import { showFailure } from './failure';
import { trainSideBySide } from './sideBySide';

/** Enough updates to see where a curve goes, few enough to wait for. */
const mostSteps = 400;

/** An edit for a spec, and the run that the advice came from. */
export interface Trial {
  readonly specPath: string;
  readonly run?: string;
  readonly fix: Fix;
}

/** Shows what an edit of a spec would change; called by the Inspector, with a trial. */
export const previewFix: Command = (context) => async (target) => {
  const trial = trialOf(target);
  if (trial) await context.fixes.show(trial.specPath, trial.fix);
};

/** Tries an edit of a spec; called by the Inspector, with a trial. */
export const tryFix: Command = (context) => async (target) => {
  const trial = trialOf(target);
  if (trial) await runTrial(context, trial);
};

function trialOf(target: unknown): Trial | undefined {
  return typeof target === 'object' && target !== null && 'specPath' in target && 'fix' in target ? (target as Trial) : undefined;
}

/** Trains the spec as it is and with an edit for the same few hundred updates, shows both side by side, and keeps with the run what came of it. */
async function runTrial(context: CommandContext, trial: Trial): Promise<void> {
  const { specPath, run } = trial;
  const { title, edit } = trial.fix;
  try {
    const text = (await vscode.workspace.openTextDocument(specPath)).getText();
    const parsed = parseSpec(text);
    if (!isUsable(parsed)) throw new SpecProblemsError(specPath, text, parsed.problems);
    const { name, training } = parsed.spec;
    const steps = Math.min(mostSteps, training.steps ?? mostSteps);
    const named = (ending: string): { readonly path: string[]; readonly value: string } => ({ path: ['name'], value: nameWithEnding(name, ending) });
    const [before, after] = ['As it is', title];
    const variants = [
      { label: before, text: editedText(text, [named('-as-it-is')]) },
      { label: after, text: editedText(text, [named('-with-edit'), ...edit]) },
    ];
    const runs = await trainSideBySide(context, { specPath, doing: `Trying “${title}” on ${name}`, variants, shown: [before, after], target: { title: `Try it · ${name}`, kind: { tried: title } }, steps });
    const [was, is] = [runs.get(before), runs.get(after)];
    const outcome = was && is && tryOutcome(was, is);
    if (!was || !is || !outcome) return;
    const tried: TriedEdit = { title, edit, steps, before: resultOf(was), after: resultOf(is), outcome };
    await keepTriedEdit(run ?? was.folder, tried);
    void tellOutcome(context, trial, tried);
  } catch (error) {
    await showFailure(context, error, `“${title}” was not tried on ${basename(specPath)}`);
  }
}

/** Says what came of it; an edit that helped can be made from there. */
async function tellOutcome(context: CommandContext, { specPath, fix }: Trial, tried: TriedEdit): Promise<void> {
  const preview = tried.outcome === 'helped' ? ['Preview Edit'] : [];
  if ((await vscode.window.showInformationMessage(`${triedText(tried)}.`, ...preview)) !== undefined) await context.fixes.show(specPath, fix);
}

function resultOf({ folder, validationLoss, loss }: RunInfo): { readonly run: string; readonly loss?: number } {
  const value = validationLoss ?? loss;
  return { run: folder, ...(value === undefined || !Number.isFinite(value) ? {} : { loss: value }) };
}
