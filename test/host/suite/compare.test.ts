import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { eventually, makeModel, unroll } from './models';

const tab = (label: string): vscode.Tab | undefined => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).find((other) => other.label === label);

/** Folders of the runs of a model: `name/time`. */
function runFolders(uri: vscode.Uri): string[] {
  const root = join(uri.fsPath, '../.unroll');
  return readdirSync(root, { withFileTypes: true }).flatMap((name) => (name.isDirectory() ? readdirSync(join(root, name.name)).map((id) => join(root, name.name, id)) : []));
}

const record = (folder: string): { name: string; state: string; step: number; seed: number; startedAt: number } => JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));

describe('comparing', () => {
  after(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  it('trains the open spec with each cell on the same seed and steps, and shows them side by side', async () => {
    const uri = makeModel('cells', { training: { steps: 20, seed: 5 } });
    await vscode.window.showTextDocument(uri);
    await vscode.commands.executeCommand('unroll.compareCells');
    const records = runFolders(uri).map(record);
    assert.deepEqual(records.map(({ name }) => name).sort(), ['cells', 'cells-as-gru', 'cells-as-rnn']);
    assert.deepEqual(records.map(({ state, step, seed }) => `${state} ${step} ${seed}`), Array.from({ length: 3 }, () => 'done 20 5'));
    assert.equal(records.sort((a, b) => b.startedAt - a.startedAt)[0]?.name, 'cells', 'the newest run is not of the spec itself');
    await eventually('the panel', () => tab('Cells · cells'));

    await vscode.commands.executeCommand('unroll.compareCells', uri);
    assert.equal(runFolders(uri).length, 3, 'it trained what was trained already');
  });

  it('shows the runs of a model that a person ticks', async () => {
    const uri = makeModel('compared');
    const api = await unroll();
    await api.train(uri, { steps: 5 });
    await api.train(uri, { steps: 6, seed: 2 });
    let asking: Promise<unknown> | undefined;
    await eventually('the comparison', async () => {
      // Nothing tells when the list stands; accepted too early it closes with nothing ticked, and is asked for again.
      if (!tab('Comparison')) asking ??= Promise.resolve(vscode.commands.executeCommand('unroll.compareRuns', uri)).finally(() => (asking = undefined));
      await Promise.race([asking, new Promise((resolve) => setTimeout(resolve, 500))]);
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return asking === undefined ? tab('Comparison') : undefined;
    });
  });
});
