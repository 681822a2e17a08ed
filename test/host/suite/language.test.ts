import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually, makeModel, unroll } from './models';

async function lensTitles(uri: vscode.Uri): Promise<string[]> {
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 100);
  return lenses.map(({ command }) => command?.title ?? '');
}

/** The diagnostics of a spec once there are any. */
async function diagnosticsOf(uri: vscode.Uri): Promise<vscode.Diagnostic[]> {
  await vscode.window.showTextDocument(uri);
  return eventually('a diagnostic', () => {
    const found = vscode.languages.getDiagnostics(uri).filter(({ source }) => /unroll/i.test(source ?? ''));
    return found.length > 0 ? found : undefined;
  });
}

/** Position just behind the first occurrence of `text`. */
function behind(document: vscode.TextDocument, text: string): vscode.Position {
  const at = document.getText().indexOf(text);
  assert.ok(at >= 0, text);
  return document.positionAt(at + text.length);
}

describe('code lenses', () => {
  it('offer Train and Inspect above the model and tell each layer with its parameters', async () => {
    const uri = makeModel('lenses');
    await vscode.window.showTextDocument(uri);
    const titles = await eventually('the layer with its parameters', async () => {
      const found = await lensTitles(uri);
      return found.some((title) => /LSTM .*parameters/.test(title)) ? found : undefined;
    });
    assert.ok(titles.includes('▷ Train'), titles.join('; '));
    assert.ok(titles.includes('◫ Inspect'), titles.join('; '));
    // 18 kinds of character, one-hot: 4·16·(18 + 16 + 2) parameters, by PyTorch's two biases.
    assert.ok(titles.includes('LSTM 18 → 16 · 2,304 parameters'), titles.join('; '));
  });

  it('show how the training goes while it goes, and the runs afterwards', async () => {
    const uri = makeModel('live', { training: { steps: 1_000_000 } });
    await vscode.window.showTextDocument(uri);
    const cancellation = new vscode.CancellationTokenSource();
    const training = (await unroll()).train(uri, { cancellation: cancellation.token });
    await eventually('the live lens', async () => (await lensTitles(uri)).find((title) => /^step [\d,]+ of 1,000,000 · loss \d/.test(title)));
    cancellation.cancel();
    await training;
    await eventually('the lens of the runs', async () => (await lensTitles(uri)).find((title) => title.startsWith('1 run')));
  });
});

describe('diagnostics', () => {
  it('mark an unknown key with what was probably meant', async () => {
    const uri = makeModel('misspelt', { training: { evaluteEvery: 3 } });
    const [diagnostic] = await diagnosticsOf(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    assert.match(diagnostic!.message, /did you mean "?evaluateEvery/i);
    assert.match(document.getText(diagnostic!.range), /evaluteEvery/);
  });

  it('mark a residual connection between layers of different size', async () => {
    const uri = makeModel('sizes', { model: { layers: [{ cell: 'gru', units: 8 }, { cell: 'gru', units: 9, connection: 'residual' }] } });
    const [diagnostic] = await diagnosticsOf(uri);
    assert.match(diagnostic!.message, /8.*9|9.*8/);
  });

  it('mark a bidirectional language model', async () => {
    const uri = makeModel('future', { model: { layers: [{ cell: 'gru', units: 8, bidirectional: true }] } });
    const [diagnostic] = await diagnosticsOf(uri);
    assert.match(diagnostic!.message, /future|bidirectional/i);
  });

  it('mark a missing data file where the spec names it', async () => {
    const uri = makeModel('missing', { task: { data: 'nowhere.txt' } });
    const [diagnostic] = await diagnosticsOf(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    assert.match(document.getText(diagnostic!.range), /nowhere\.txt/);
  });

  it('go away when the spec is mended', async () => {
    const uri = makeModel('mended', { training: { evaluteEvery: 3 } });
    await diagnosticsOf(uri);
    const editor = await vscode.window.showTextDocument(uri);
    const at = editor.document.getText().indexOf('evaluteEvery');
    await editor.edit((edit) => edit.replace(new vscode.Range(editor.document.positionAt(at), editor.document.positionAt(at + 12)), 'patience'));
    await eventually('the diagnostic gone', () => (vscode.languages.getDiagnostics(uri).length === 0 ? true : undefined));
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });
});

describe('the schema', () => {
  it('completes the cells', async () => {
    const uri = makeModel('completes');
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    const labels = await eventually('completions', async () => {
      const list = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', uri, behind(document, '"cell": "'));
      const found = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
      return found.some((label) => label.includes('gru')) ? found : undefined;
    });
    for (const cell of ['rnn', 'lstm', 'gru']) assert.ok(labels.some((label) => label.includes(cell)), labels.join());
  });

  it('explains a key on hover', async () => {
    const uri = makeModel('hovers');
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    const text = await eventually('a hover', async () => {
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', uri, behind(document, '"windo'));
      const found = hovers.flatMap(({ contents }) => contents.map((content) => (typeof content === 'string' ? content : content.value))).join('\n');
      return found === '' ? undefined : found;
    });
    assert.match(text, /backpropagation through time/i);
  });
});
