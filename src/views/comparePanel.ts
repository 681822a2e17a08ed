import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { panelHtml } from './panelHtml';
import { CompareSession, type ComparedRuns, type CompareTarget } from './compareService';

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
    const options = { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(this.#extensionUri, 'dist')] };
    const panel = vscode.window.createWebviewPanel('unroll.comparison', target.title, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true }, options);
    const { webview } = panel;
    const session = new CompareSession(target, this.#runs, {
      post: (message) => void webview.postMessage(message),
      listen(receive) {
        const subscription = webview.onDidReceiveMessage(receive);
        return () => subscription.dispose();
      },
    });
    this.#open = { panel, session };
    panel.onDidDispose(() => {
      session.dispose();
      if (this.#open?.panel === panel) this.#open = undefined;
    });
    const file = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(this.#extensionUri, 'dist', name)).toString();
    webview.html = panelHtml('comparison', { script: file('compare.js'), style: file('compareStyle.css'), cspSource: webview.cspSource, nonce: randomBytes(16).toString('base64') });
  }

  dispose(): void {
    this.#open?.panel.dispose();
  }
}
