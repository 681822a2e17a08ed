import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { eventually, makeTask, unroll } from './models';

const recall = { kind: 'synthetic', problem: 'recall', length: 24, lag: 12 };
const gru = { title: 'Use GRU cells', reason: 'It keeps its state.', edit: [{ path: ['model', 'layers', 0, 'cell'], value: 'gru' }] };

const tabs = (): readonly vscode.Tab[] => vscode.window.tabGroups.all.flatMap((group) => group.tabs);

describe('diagnosing', () => {
  after(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('opens the Inspector on the model that is diagnosed', async () => {
    const uri = makeTask('forgetful', recall, { layers: [{ cell: 'rnn', units: 8 }] });
    await (await unroll()).train(uri, { steps: 5 });
    await vscode.commands.executeCommand('unroll.diagnoseMemory', uri);
    await eventually('the Inspector', () => tabs().find(({ label }) => label === 'Inspector · forgetful'));
  });

  it('offers its edits in the spec where they would be made, until it is another spec', async () => {
    const uri = makeTask('advised', { kind: 'synthetic', problem: 'recall', length: 60, lag: 40 }, { layers: [{ cell: 'rnn', units: 12 }] });
    await (await unroll()).train(uri, { steps: 10 });
    const { document } = await vscode.window.showTextDocument(uri);
    await vscode.commands.executeCommand('unroll.diagnoseMemory', uri);
    const standing = (): vscode.Diagnostic | undefined => vscode.languages.getDiagnostics(uri).find(({ severity }) => severity === vscode.DiagnosticSeverity.Information);
    const verdict = await eventually('the verdict', standing);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', uri, verdict.range, vscode.CodeActionKind.QuickFix.value);
    const [preview, trial] = actions.filter(({ command }) => command?.command.startsWith('unroll.'));
    assert.ok(preview?.title.endsWith(' (preview)') && trial?.title === `Try: ${preview.title.replace(' (preview)', '')}`, actions.map(({ title }) => title).join());
    assert.equal(preview?.command?.command, 'unroll.previewFix');
    const at = document.getText().indexOf('"units": 12') + '"units": '.length;
    const edit = new vscode.WorkspaceEdit();
    edit.replace(uri, new vscode.Range(document.positionAt(at), document.positionAt(at + 2)), '13');
    await vscode.workspace.applyEdit(edit);
    await eventually('the verdict gone', () => (standing() ? undefined : true));
    await vscode.window.showTextDocument(uri);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  it('shows what an edit would change, and changes nothing by itself', async () => {
    const uri = makeTask('previewed', recall, { layers: [{ cell: 'rnn', units: 8 }] });
    const before = readFileSync(uri.fsPath, 'utf8');
    void vscode.commands.executeCommand('unroll.previewFix', { specPath: uri.fsPath, fix: gru });
    const tab = await eventually('the difference', () => tabs().find(({ input }) => input instanceof vscode.TabInputTextDiff));
    const { modified } = tab.input as vscode.TabInputTextDiff;
    const changed = (await vscode.workspace.openTextDocument(modified)).getText();
    assert.equal(JSON.parse(changed).model.layers[0].cell, 'gru');
    assert.equal(changed.replace('"gru"', '"rnn"'), before);
    assert.equal(readFileSync(uri.fsPath, 'utf8'), before);
    await vscode.commands.executeCommand('notifications.clearAll');
  });

  it('trains the spec as it is and with the edit on the same seed, side by side, and keeps what came of it with the run', async () => {
    const uri = makeTask('tried', recall, { layers: [{ cell: 'rnn', units: 8 }] });
    const run = await (await unroll()).train(uri, { steps: 5 });
    await vscode.commands.executeCommand('unroll.tryFix', { specPath: uri.fsPath, run: run.folder, fix: gru });
    await eventually('the comparison', () => tabs().find(({ label }) => label === 'Try it · tried'));
    const [kept] = JSON.parse(readFileSync(join(run.folder, 'tried.json'), 'utf8'));
    assert.equal(kept.title, gru.title);
    assert.equal(kept.steps, 30);
    const record = (folder: string): { seed: number; step: number } => JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));
    const [was, is] = [record(kept.before.run), record(kept.after.run)];
    assert.deepEqual([was.seed, was.step], [is.seed, is.step]);
    assert.match(readFileSync(join(kept.after.run, 'spec.rnn.json'), 'utf8'), /"cell": "gru"/);
    assert.match(readFileSync(join(kept.before.run, 'spec.rnn.json'), 'utf8'), /"cell": "rnn"/);
  });
});
