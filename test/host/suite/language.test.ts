import assert from 'node:assert/strict';
import { unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { eventually, makeModel, unroll } from './models';

/** Titles of the lenses of a spec. */
async function lenses(uri: vscode.Uri): Promise<string[]> {
  const found = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 100);
  return found.map(({ command }) => command?.title ?? '');
}

/** The extension's own diagnostics, once there are `count` of them. */
function problems(uri: vscode.Uri, count: number): Promise<vscode.Diagnostic[]> {
  return eventually(`${count} problems`, () => {
    const own = vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'unroll');
    return own.length === count ? own : undefined;
  });
}

async function open(uri: vscode.Uri): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document);
  return document;
}

/** Replaces a piece of the text, as typing would. */
async function replace(document: vscode.TextDocument, from: string, to: string): Promise<void> {
  const start = document.getText().indexOf(from);
  assert.ok(start >= 0, `${from} is not in the spec`);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(document.positionAt(start), document.positionAt(start + from.length)), to);
  await vscode.workspace.applyEdit(edit);
}

describe('a spec in the editor', () => {
  before(() => unroll());
  afterEach(() => vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor'));

  it('has lenses above the model and each layer, with sizes once the data were read', async () => {
    const { uri } = await open(makeModel('lenses'));
    // 16 units on the one-hot characters of the text, of which there are 20 kinds: 4 · 16 · (20 + 16 + 2).
    const titles = await eventually('sized lenses', async () => {
      const found = await lenses(uri);
      return found.some((title) => /^LSTM \d+ → 16 · [\d,]+ parameters$/.test(title)) ? found : undefined;
    });
    assert.ok(titles.includes('▷ Train') && titles.includes('◫ Inspect'), titles.join(' | '));
  });

  it('shows a problem where it is, and mends it by quick fix', async () => {
    const document = await open(makeModel('fixes'));
    await replace(document, '"units"', '"unitz"');
    const [problem] = await problems(document.uri, 1);
    assert.ok(problem);
    assert.equal(document.getText(problem.range), '"unitz"');
    assert.equal(problem.message, 'Unknown key "unitz". Did you mean "units"?');
    const [fix] = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', document.uri, problem.range, vscode.CodeActionKind.QuickFix.value);
    assert.ok(fix?.edit);
    await vscode.workspace.applyEdit(fix.edit);
    await problems(document.uri, 0);
  });

  it('tells of a missing data file until it is there', async () => {
    const uri = makeModel('missing');
    const file = join(dirname(uri.fsPath), 'rhyme.txt');
    unlinkSync(file);
    writeFileSync(join(dirname(uri.fsPath), 'rime.txt'), 'to be or not to be '.repeat(100));
    const document = await open(uri);
    const [problem] = await problems(uri, 1);
    assert.match(problem?.message ?? '', /rhyme\.txt does not exist.*Did you mean "rime\.txt"\?/);
    assert.equal(document.getText(problem?.range), '"rhyme.txt"');
    writeFileSync(file, 'to be or not to be '.repeat(100));
    await problems(uri, 0);
  });

  it('explains numbers on hover', async () => {
    const document = await open(makeModel('hovers'));
    await eventually('facts', async () => ((await lenses(document.uri)).some((title) => title.includes('knowing nothing')) ? true : undefined));
    const position = document.positionAt(document.getText().indexOf('"units"') + 2);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, position);
    const texts = hovers.flatMap(({ contents }) => contents.map((content) => (typeof content === 'string' ? content : content.value)));
    assert.ok(texts.some((text) => /4 blocks × 16 × \(\d+ inputs \+ 16 states \+ 2 biases\)/.test(text)), texts.join('\n'));
    assert.ok(texts.some((text) => text.includes('Size of the hidden state')), texts.join('\n'));
  });

  it('completes from the JSON schema', async () => {
    const document = await open(makeModel('completion'));
    await replace(document, '"lstm"', '""');
    const position = document.positionAt(document.getText().indexOf('"cell": ""') + '"cell": "'.length);
    const labels = await eventually('completion', async () => {
      const list = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', document.uri, position);
      const found = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
      return found.some((label) => label.includes('gru')) ? found : undefined;
    });
    assert.ok(['rnn', 'lstm', 'gru'].every((cell) => labels.some((label) => label.includes(cell))), labels.join(' '));
  });
});
