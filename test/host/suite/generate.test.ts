import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually, makeModel, makeTask, unroll } from './models';

/** Generates a text, taking what the quick inputs suggest; returns the editor that it was written into. */
async function generate(target: unknown): Promise<vscode.TextDocument> {
  const before = new Set(untitled());
  // Nothing tells when a list stands; accepted too early it closes with nothing chosen, and is asked for again.
  return eventually('an editor', async () => {
    let ended = false;
    const end = Promise.resolve(vscode.commands.executeCommand('unroll.generateText', target)).finally(() => (ended = true));
    while (!ended) {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 100))]);
    }
    await end;
    return untitled().find((other) => !before.has(other));
  });
}

/** Closes an untitled text without asking whether to save it. */
async function discard(document: vscode.TextDocument): Promise<void> {
  const { viewColumn } = vscode.window.visibleTextEditors.find((visible) => visible.document === document) ?? {};
  await vscode.window.showTextDocument(document, viewColumn);
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
}

const untitled = (): vscode.TextDocument[] => vscode.workspace.textDocuments.filter(({ isUntitled, languageId }) => isUntitled && languageId === 'plaintext');

describe('generating text', () => {
  it('streams a text into an editor beside, behind the beginning that the spec suggests', async () => {
    const uri = makeModel('writes');
    await (await unroll()).train(uri);
    const lengths: number[] = [];
    const listening = vscode.workspace.onDidChangeTextDocument(({ document }) => document.isUntitled && lengths.push(document.getText().length));
    const document = await generate(uri);
    listening.dispose();
    const text = document.getText();
    assert.ok(text.startsWith('The sea is wide'), text);
    assert.equal(text.length, 'The sea is wide'.length + 500);
    assert.ok(lengths.filter((length) => length > 0).length >= 2, `it came at once: ${lengths.join()}`);
    assert.ok(vscode.window.visibleTextEditors.some((visible) => visible.document === document), 'the editor is not shown');
    await discard(document);
  });

  it('translates the first held-out source when nothing else is typed', async () => {
    const words = Array.from({ length: 60 }, (_, i) => [i, i >> 2, i >> 4].map((digit) => 'abcd'[digit % 4]).join(''));
    const layers = [{ cell: 'gru', units: 8 }];
    const uri = makeTask('capitals', { kind: 'translation', source: 'word', target: 'capitals', tokens: { source: 'char', target: 'spaced' } }, { encoder: { layers }, decoder: { layers } }, { file: 'pairs.tsv', text: `word\tcapitals\n${words.map((word) => `${word}\t${[...word.toUpperCase()].join(' ')}`).join('\n')}\n` });
    const api = await unroll();
    await api.train(uri);
    const { sample } = await api.trace(uri, { sample: { kind: 'held-out', index: 0 } });
    const document = await generate(uri);
    assert.match(document.getText(), new RegExp(`^${sample.text} → ([A-D]( [A-D])*)?$`));
    await discard(document);
  });

  it('writes from a row of the tree and leaves the editor to the person once it has ended', async () => {
    const uri = makeModel('writes-row');
    const run = await (await unroll()).train(uri);
    const document = await generate({ kind: 'run', run });
    const written = document.getText();
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(document.getText(), written);
    await discard(document);
  });
});
