import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { GenerateRequest } from '../runs/api';
import type { RunInfo } from '../shared/run';
import { parseSpec } from '../spec/parse';
import { countText } from '../views/runText';
import type { Command, CommandContext } from './context';
import { showFailure } from './failure';
import { generationPresets, promptFrom, type GenerationPreset } from './generationPresets';
import { chooseRun, chooseTarget, namedRun } from './target';
import { TextEditorStream } from './textEditorStream';

/** Lets a trained language model write: asks for the run (if there are several), the beginning and the manner, then streams into an editor beside. */
export const generateText: Command = (context) => async (target) => {
  try {
    const run = namedRun(target) ?? (await runOf(context, target));
    if (!run) return;
    const prompt = await vscode.window.showInputBox({ title: `Generate Text · ${run.name}`, prompt: 'How the text begins. Empty: the model begins by itself.', value: await suggestedPrompt(run) });
    if (prompt === undefined) return;
    const settings = await chooseSettings(run);
    if (settings) await write(context, run, { ...settings, run: run.folder, prompt });
  } catch (error) {
    await showFailure(context, error, 'No text was generated');
  }
};

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

/** The beginning of the sample that the run's own spec names. */
async function suggestedPrompt({ folder }: RunInfo): Promise<string> {
  const file = vscode.Uri.joinPath(vscode.Uri.file(folder), 'spec.rnn.json');
  const text = await vscode.workspace.fs.readFile(file).then((bytes) => new TextDecoder().decode(bytes), () => '');
  return promptFrom(parseSpec(text).spec?.inspect?.text ?? '');
}

type Settings = GenerationPreset['settings'] & Pick<GenerateRequest, 'checkpoint'>;

/** One of the presets, with the newest weights unless a person asks for earlier ones. */
async function chooseSettings({ name, checkpoints }: RunInfo): Promise<Settings | undefined> {
  const items = generationPresets.map(({ label, detail, settings }) => ({ label, detail, settings }));
  const earlier = { label: '$(history) Weights of an earlier step…', detail: 'See how it wrote while it was learning.', settings: undefined };
  const picked = await vscode.window.showQuickPick([...items, ...(checkpoints.length > 1 ? [earlier] : [])], { title: `Generate Text · ${name}`, placeHolder: 'How should the model write?' });
  if (!picked) return undefined;
  if (picked.settings) return { ...picked.settings, checkpoint: 'live' };
  const steps = [...checkpoints].reverse().map((step) => ({ label: `Step ${countText(step)}`, step }));
  const at = await vscode.window.showQuickPick(steps, { title: `Generate Text · ${name}`, placeHolder: 'Weights of which step?' });
  const manner = at && (await vscode.window.showQuickPick(items, { title: `Generate Text · ${name}, step ${countText(at.step)}`, placeHolder: 'How should the model write?' }));
  return manner && { ...manner.settings, checkpoint: at.step };
}

async function write(context: CommandContext, run: RunInfo, request: GenerateRequest): Promise<void> {
  const editor = await TextEditorStream.open(request.prompt ?? '');
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
