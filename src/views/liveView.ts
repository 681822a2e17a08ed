import * as vscode from 'vscode';
import type { RunsApi } from '../runs/api';
import type { RunInfo } from '../shared/run';
import { LiveSession, type LiveWorkbench } from './liveService';
import type { ModelsTree } from './modelsTree';
import { openPage } from './webviewPage';

/** The view *Live* below the tree: loss, norm, time left and the newest sample of the training under way. */
export class LiveView implements vscode.WebviewViewProvider, vscode.Disposable {
  readonly #runs: RunsApi;
  readonly #models: ModelsTree;
  readonly #extensionUri: vscode.Uri;
  readonly #registration: vscode.Disposable;
  #session: LiveSession | undefined;
  #told: RunInfo['state'] | undefined;

  constructor(runs: RunsApi, models: ModelsTree, extensionUri: vscode.Uri) {
    this.#runs = runs;
    this.#models = models;
    this.#extensionUri = extensionUri;
    this.#registration = vscode.window.registerWebviewViewProvider('unroll.live', this);
  }

  /** The run that is shown, for the view's own buttons. */
  get run(): RunInfo | undefined {
    return this.#session?.run;
  }

  /** VS Code throws the page away while the view is collapsed, and asks again when it is opened. */
  resolveWebviewView(view: vscode.WebviewView): void {
    const session = new LiveSession(this.#runs, this.#workbench(), openPage(view.webview, this.#extensionUri, 'live'));
    this.#session = session;
    view.onDidDispose(() => {
      session.dispose();
      if (this.#session === session) this.#session = undefined;
    });
  }

  dispose(): void {
    this.#session?.dispose();
    this.#registration.dispose();
  }

  #workbench(): LiveWorkbench {
    return {
      newestRun: async () => {
        const runs = await Promise.all((await this.#models.specPaths()).map((specPath) => this.#runs.list(specPath)));
        return runs.flat().sort((a, b) => b.startedAt - a.startedAt)[0];
      },
      copy: async (text) => vscode.env.clipboard.writeText(text),
      newModel: async () => void (await vscode.commands.executeCommand('unroll.newModel')),
      shows: ({ state }) => {
        if (state === this.#told) return;
        this.#told = state;
        // The view's buttons follow the state of its run.
        void vscode.commands.executeCommand('setContext', 'unroll.live', state);
      },
    };
  }
}
