import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { GenerateRequest } from '../runs/api';
import type { RunInfo } from '../shared/run';
import { savedSpec } from '../runs/savedModel';
import type { Spec } from '../spec/schema';
import { whyNoText } from '../training/writesText';
import { countText } from '../views/runText';
import type { Command, CommandContext } from './context';
import { showFailure } from './failure';
import { generationPresets, promptFrom, translationPresets, type GenerationPreset } from './generationPresets';
import { chooseRun, chooseTarget, namedRun } from './target';
import { TextEditorStream } from './textEditorStream';

/**
 * Lets a trained model write: asks for the run (if there are several), for the beginning of a text or the source of
 * a translation, and for the manner, then streams into an editor beside.
 */
export const generateText: Command = (context) => async (target) => {
  try {
    const run = namedRun(target) ?? (await runOf(context, target));
    if (!run) return;
    const { spec } = await savedSpec(run.folder);
    const reason = whyNoText(spec.task);
    if (reason !== undefined) return void vscode.window.showInformationMessage(reason);
    const prompt = spec.task.kind === 'translation' ? await askForSource(context, run) : await askForBeginning(run, spec);
    if (prompt === undefined) return;
    const presets = spec.task.kind === 'translation' ? translationPresets : generationPresets;
    const settings = await chooseSettings(run, presets);
    const shown = spec.task.kind === 'translation' ? `${prompt} → ` : prompt;
    if (settings) await write(context, run, { ...settings, run: run.folder, prompt }, shown);
  } catch (error) {
    await showFailure(context, error, 'No text was generated');
  }
};

/** Suggests the beginning of the sample that the run's own spec names. */
function askForBeginning({ name }: RunInfo, { inspect }: Spec): Thenable<string | undefined> {
  return vscode.window.showInputBox({ title: `Generate Text · ${name}`, prompt: 'How the text begins. Empty: the model begins by itself.', value: promptFrom(inspect?.text ?? '') });
}

/** Suggests the source of the spec's sample, or else of the first held-out pair. */
async function askForSource({ runs }: CommandContext, { name, folder }: RunInfo): Promise<string | undefined> {
  const value = await runs.trace({ run: folder, checkpoint: 'latest' }).then(
    ({ sample }) => sample.text?.split('\t')[0],
    // Without its data a run can still translate what a person types.
    () => undefined,
  );
  const validateInput = (text: string): string | undefined => (text.trim() === '' ? 'There is nothing to translate yet.' : undefined);
  return vscode.window.showInputBox({ title: `Generate Text · ${name}`, prompt: 'What to translate.', value, validateInput });
}

async function runOf(context: CommandContext, target: unknown): Promise<RunInfo | undefined> {
  const chosen = await chooseTarget(context, target, 'Generate Text');
  if (!chosen) return undefined;
  const runs = (await context.runs.list(chosen.specPath)).filter(({ checkpoints }) => checkpoints.length > 0);
  if (runs.length > 0) return chooseRun(runs, 'Generate Text');
  const train = 'Train';
  const answer = await vscode.window.showInformationMessage(`${basename(chosen.specPath)} has not been trained, so it has nothing to write yet.`, train);
  if (answer === train) await vscode.commands.executeCommand('unroll.trainModel', vscode.Uri.file(chosen.specPath));
  return undefined;
}

type Settings = GenerationPreset['settings'] & Pick<GenerateRequest, 'checkpoint'>;

/** One of the presets, with the newest weights unless a person asks for earlier ones. */
async function chooseSettings({ name, checkpoints }: RunInfo, presets: readonly GenerationPreset[]): Promise<Settings | undefined> {
  const items = presets.map(({ label, detail, settings }) => ({ label, detail, settings }));
  const earlier = { label: '$(history) Weights of an earlier step…', detail: 'See how it wrote while it was learning.', settings: undefined };
  const picked = await vscode.window.showQuickPick([...items, ...(checkpoints.length > 1 ? [earlier] : [])], { title: `Generate Text · ${name}`, placeHolder: 'How should the model write?' });
  if (!picked) return undefined;
  if (picked.settings) return { ...picked.settings, checkpoint: 'live' };
  const steps = [...checkpoints].reverse().map((step) => ({ label: `Step ${countText(step)}`, step }));
  const at = await vscode.window.showQuickPick(steps, { title: `Generate Text · ${name}`, placeHolder: 'Weights of which step?' });
  const manner = at && (await vscode.window.showQuickPick(items, { title: `Generate Text · ${name}, step ${countText(at.step)}`, placeHolder: 'How should the model write?' }));
  return manner && { ...manner.settings, checkpoint: at.step };
}

/** Writes behind `shown`, with which the editor begins. */
async function write(context: CommandContext, run: RunInfo, request: GenerateRequest, shown: string): Promise<void> {
  const editor = await TextEditorStream.open(shown);
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: `${run.name} is writing`, cancellable: true }, async (_, cancellation) => {
    const controller = new AbortController();
    const subscriptions = [cancellation.onCancellationRequested(() => controller.abort()), editor.onDidClose(() => controller.abort())];
    try {
      await context.runs.generate({ ...request, onText: (piece) => editor.write(piece), signal: controller.signal });
    } finally {
      for (const subscription of subscriptions) subscription.dispose();
      await editor.end();
    }
  });
}
