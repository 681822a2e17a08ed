import * as vscode from 'vscode';
import type { UnrollApi } from './api';
import { registerCommands } from './commands';
import { createApi } from './createApi';
import { registerEditor } from './editor';
import { Runs } from './runs/runs';
import { ComparePanel } from './views/comparePanel';
import { FixPreview } from './views/fixPreview';
import { GradientChecks } from './views/gradientChecks';
import { InspectorPanel } from './views/inspectorPanel';
import { LiveView } from './views/liveView';
import { ModelsTree } from './views/modelsTree';
import { logRuns } from './views/runLog';
import { StandingDiagnoses } from './views/standingDiagnoses';
import { StatusItem } from './views/statusItem';

let runs: Runs | undefined;

/** Starts the extension: wires runs, views, language features and commands. The worker starts with the first training or trace. */
export function activate({ extensionUri, subscriptions, workspaceState }: vscode.ExtensionContext): UnrollApi {
  const log = vscode.window.createOutputChannel('Unroll', { log: true });
  runs = new Runs({
    engine: () => (vscode.workspace.getConfiguration('unroll').get('engine.turbo') === true ? 'turbo' : 'worker'),
    data: () => (vscode.workspace.isTrusted ? 'allowed' : 'restricted'),
    log: (text) => log.warn(text),
  });
  const diagnoses = new StandingDiagnoses();
  const checks = new GradientChecks(workspaceState);
  const models = new ModelsTree(runs, checks);
  const live = new LiveView(runs, models, extensionUri);
  const inspector = new InspectorPanel(runs, extensionUri, diagnoses);
  const fixes = new FixPreview();
  const compare = new ComparePanel(runs, extensionUri);
  const api = createApi(runs);
  const report = (error: unknown): void => log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  subscriptions.push(
    log,
    api,
    models,
    live,
    inspector,
    compare,
    fixes,
    new StatusItem(runs),
    { dispose: logRuns(runs, log) },
    registerEditor({ runs, checks, diagnoses, report }),
    registerCommands({ runs, models, live, inspector, fixes, checks, compare, log, extensionUri }),
  );
  return api;
}

/** Stops every training with a checkpoint, so that it can be resumed. */
export async function deactivate(): Promise<void> {
  await runs?.dispose();
}
