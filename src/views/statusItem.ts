import * as vscode from 'vscode';
import type { RunsApi } from '../runs/api';
import { runLine } from './runText';
import { statusText } from './statusModel';

/** The status bar's word on trainings under way: how far, how good; a click inspects. */
export class StatusItem implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('unroll.training', vscode.StatusBarAlignment.Left, 50);
  private readonly stop: () => void;

  constructor(private readonly runs: RunsApi) {
    this.item.name = 'Unroll Training';
    this.stop = runs.onDidChange(() => this.update());
  }

  dispose(): void {
    this.stop();
    this.item.dispose();
  }

  private update(): void {
    const active = this.runs.active();
    const [newest] = active;
    if (!newest) return this.item.hide();
    this.item.text = statusText(active);
    this.item.tooltip = new vscode.MarkdownString(active.map((run) => `**${run.name}** ${runLine(run)}`).join('  \n') + '\n\nClick to inspect');
    this.item.accessibilityInformation = { label: `Training ${newest.name}, ${runLine(newest)}`, role: 'button' };
    this.item.command = { command: 'unroll.inspectModel', title: 'Inspect', arguments: [{ kind: 'run', run: newest }] };
    this.item.show();
  }
}
