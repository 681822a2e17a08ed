import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { InspectorTarget } from '../shared/inspectorProtocol';
import { InspectorSession, type InspectorRuns, type InspectorWorkbench } from './inspectorService';
import type { StandingDiagnoses } from './standingDiagnoses';
import { openPage, pageOptions } from './webviewPage';

/** Type of the panel, as VS Code stores it for its serializer. */
export const inspectorViewType = 'unroll.inspector';

interface OpenPanel {
  readonly panel: vscode.WebviewPanel;
  readonly session: InspectorSession;
}

/** The one panel *Unroll Inspector*. VS Code throws its page away while it is hidden and the page asks again when it is shown. */
export class InspectorPanel implements vscode.WebviewPanelSerializer, vscode.Disposable {
  private open?: OpenPanel;
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly runs: InspectorRuns,
    private readonly extensionUri: vscode.Uri,
    private readonly diagnoses: StandingDiagnoses,
  ) {
    this.subscriptions = [
      vscode.window.registerWebviewPanelSerializer(inspectorViewType, this),
      vscode.workspace.onDidSaveTextDocument(({ fileName }) => {
        if (fileName.endsWith('.rnn.json')) this.open?.session.refresh();
      }),
    ];
  }

  /** Opens the panel beside the spec, or turns the open one to it. */
  show(target: InspectorTarget): void {
    if (this.open) {
      this.open.panel.title = titleOf(target.specPath);
      this.open.session.show(target);
      this.open.panel.reveal(undefined, true);
      return;
    }
    const panel = vscode.window.createWebviewPanel(inspectorViewType, titleOf(target.specPath), { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true }, pageOptions(this.extensionUri));
    this.fill(panel, target).show(target);
  }

  /** After a reload of the window: the page's stored state says which spec it showed. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const specPath = typeof state === 'object' && state !== null && 'specPath' in state && typeof state.specPath === 'string' ? state.specPath : undefined;
    if (specPath === undefined || this.open) {
      panel.dispose();
      return;
    }
    this.fill(panel, { specPath });
  }

  dispose(): void {
    this.open?.panel.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private fill(panel: vscode.WebviewPanel, target: InspectorTarget): InspectorSession {
    const session = new InspectorSession(target, this.runs, workbench, openPage(panel.webview, this.extensionUri, 'inspector'), this.diagnoses);
    this.open = { panel, session };
    panel.onDidDispose(() => {
      session.dispose();
      if (this.open?.panel === panel) this.open = undefined;
    });
    return session;
  }
}

function titleOf(specPath: string): string {
  return `Inspector · ${basename(specPath, '.rnn.json')}`;
}

const workbench: InspectorWorkbench = {
  async readSpec(specPath) {
    const open = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === specPath);
    if (open) return open.getText();
    try {
      return new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.file(specPath)));
    } catch {
      return undefined;
    }
  },
  async train(specPath) {
    await vscode.commands.executeCommand('unroll.trainModel', vscode.Uri.file(specPath));
  },
  async openSpec(specPath) {
    await vscode.window.showTextDocument(vscode.Uri.file(specPath), { viewColumn: vscode.ViewColumn.One });
  },
  async previewFix(specPath, fix) {
    await vscode.commands.executeCommand('unroll.previewFix', { specPath, fix });
  },
  async tryFix(specPath, run, fix) {
    await vscode.commands.executeCommand('unroll.tryFix', { specPath, run, fix });
  },
  async showLog() {
    await vscode.commands.executeCommand('unroll.showLog');
  },
};
