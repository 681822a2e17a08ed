import * as vscode from 'vscode';
import type { CompareTarget } from '../shared/comparison';
import { CompareSession, restoredTarget, type ComparedRuns } from './compareService';
import { openPage, pageOptions } from './webviewPage';

/** Type of the panel, as VS Code stores it for its serializer. */
const compareViewType = 'unroll.comparison';

interface OpenPanel {
  readonly panel: vscode.WebviewPanel;
  readonly session: CompareSession;
}

/** The one panel *Unroll Comparison*. */
export class ComparePanel implements vscode.WebviewPanelSerializer, vscode.Disposable {
  #open: OpenPanel | undefined;
  readonly #runs: ComparedRuns;
  readonly #extensionUri: vscode.Uri;
  readonly #serializer: vscode.Disposable;

  constructor(runs: ComparedRuns, extensionUri: vscode.Uri) {
    this.#runs = runs;
    this.#extensionUri = extensionUri;
    this.#serializer = vscode.window.registerWebviewPanelSerializer(compareViewType, this);
  }

  /** Opens the panel, or turns the open one to these runs. */
  show(target: CompareTarget): void {
    if (this.#open) {
      this.#open.panel.title = target.title;
      this.#open.session.show(target);
      this.#open.panel.reveal(undefined, true);
      return;
    }
    this.#fill(vscode.window.createWebviewPanel(compareViewType, target.title, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true }, pageOptions(this.#extensionUri)), target);
  }

  /** After a reload of the window: the page's stored state is what it compared. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const target = restoredTarget(state);
    if (!target || this.#open) panel.dispose();
    else this.#fill(panel, target);
  }

  dispose(): void {
    this.#open?.panel.dispose();
    this.#serializer.dispose();
  }

  #fill(panel: vscode.WebviewPanel, target: CompareTarget): void {
    const session = new CompareSession(target, this.#runs, openPage(panel.webview, this.#extensionUri, 'comparison'));
    this.#open = { panel, session };
    panel.onDidDispose(() => {
      session.dispose();
      if (this.#open?.panel === panel) this.#open = undefined;
    });
  }
}
