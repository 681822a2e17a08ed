import * as vscode from 'vscode';
import { CompareSession, type ComparedRuns, type CompareTarget } from './compareService';
import { openPage, pageOptions } from './webviewPage';

interface OpenPanel {
  readonly panel: vscode.WebviewPanel;
  readonly session: CompareSession;
}

/** The one panel *Unroll Comparison*. */
export class ComparePanel implements vscode.Disposable {
  #open: OpenPanel | undefined;
  readonly #runs: ComparedRuns;
  readonly #extensionUri: vscode.Uri;

  constructor(runs: ComparedRuns, extensionUri: vscode.Uri) {
    this.#runs = runs;
    this.#extensionUri = extensionUri;
  }

  /** Opens the panel, or turns the open one to these runs. */
  show(target: CompareTarget): void {
    if (this.#open) {
      this.#open.panel.title = target.title;
      this.#open.session.show(target);
      this.#open.panel.reveal(undefined, true);
      return;
    }
    const panel = vscode.window.createWebviewPanel('unroll.comparison', target.title, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true }, pageOptions(this.#extensionUri));
    const session = new CompareSession(target, this.#runs, openPage(panel.webview, this.#extensionUri, 'comparison'));
    this.#open = { panel, session };
    panel.onDidDispose(() => {
      session.dispose();
      if (this.#open?.panel === panel) this.#open = undefined;
    });
  }

  dispose(): void {
    this.#open?.panel.dispose();
  }
}
