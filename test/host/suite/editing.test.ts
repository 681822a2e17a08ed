import assert from 'node:assert/strict';
import { unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { rhyme } from '../workspace';
import { eventually, makeModel, unroll } from './models';

/** The extension's own diagnostics, once there are `count` of them. */
function problems(uri: vscode.Uri, count: number): Promise<vscode.Diagnostic[]> {
  return eventually(`${count} problems`, () => {
    const own = vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'unroll');
    return own.length === count ? own : undefined;
  });
}

describe('while a spec is edited', () => {
  before(() => unroll());
  afterEach(() => vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor'));

  it('a quick fix mends a misspelt key', async () => {
    const { document } = await vscode.window.showTextDocument(makeModel('fixes', { training: { evaluteEvery: 3 } }));
    const [problem] = await problems(document.uri, 1);
    assert.ok(problem);
    const [fix] = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', document.uri, problem.range, vscode.CodeActionKind.QuickFix.value);
    assert.equal(fix?.title, 'Change to "evaluateEvery"');
    assert.ok(fix.edit);
    await vscode.workspace.applyEdit(fix.edit);
    await problems(document.uri, 0);
  });

  it('a missing data file is a problem until it is there', async () => {
    const uri = makeModel('appearing');
    const file = join(dirname(uri.fsPath), 'rhyme.txt');
    unlinkSync(file);
    writeFileSync(join(dirname(uri.fsPath), 'rime.txt'), rhyme.repeat(100));
    await vscode.window.showTextDocument(uri);
    const [problem] = await problems(uri, 1);
    assert.match(problem?.message ?? '', /rhyme\.txt does not exist.*Did you mean "rime\.txt"\?/);
    writeFileSync(file, rhyme.repeat(100));
    await problems(uri, 0);
  });

  it('a hover counts the parameters of a layer, beside what the schema says of the field', async () => {
    const { document } = await vscode.window.showTextDocument(makeModel('hovering'));
    const position = document.positionAt(document.getText().indexOf('"units"') + 2);
    const texts = await eventually('the hovers', async () => {
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, position);
      const found = hovers.flatMap(({ contents }) => contents.map((content) => (typeof content === 'string' ? content : content.value)));
      return found.length >= 2 ? found : undefined;
    });
    assert.ok(texts.some((text) => text.includes('4 blocks × 16 × (18 inputs + 16 states + 2 biases)')), texts.join('\n'));
    assert.equal(texts.filter((text) => text.includes('Size of the hidden state')).length, 1, texts.join('\n'));
  });

  it('a hint tells how far a layer reaches, draws it on hover, and can be turned off', async () => {
    const { document } = await vscode.window.showTextDocument(makeModel('reaching'));
    const whole = new vscode.Range(document.positionAt(0), document.positionAt(document.getText().length));
    const hints = (): Thenable<vscode.InlayHint[]> => vscode.commands.executeCommand<vscode.InlayHint[]>('vscode.executeInlayHintProvider', document.uri, whole);
    const [hint] = await eventually('a hint', async () => ((await hints()).length > 0 ? hints() : undefined));
    assert.match(String(hint?.label), /^reaches ≈ \d+ steps at initialisation$/);
    const position = document.positionAt(document.getText().indexOf('"cell"') + 2);
    const texts = (await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, position)).flatMap(({ contents }) => contents.map((content) => (typeof content === 'string' ? content : content.value)));
    assert.ok(texts.some((text) => text.includes(String(hint?.label)) && text.includes('](data:image/svg+xml;base64,')), texts.join('\n'));
    const settings = vscode.workspace.getConfiguration('unroll');
    await settings.update('editor.reachHints', false, vscode.ConfigurationTarget.Workspace);
    assert.deepEqual(await hints(), []);
    await settings.update('editor.reachHints', undefined, vscode.ConfigurationTarget.Workspace);
  });

  it('a gradient check leaves a badge that is outdated once the model changes', async () => {
    const { document } = await vscode.window.showTextDocument(makeModel('checked'));
    await vscode.commands.executeCommand('unroll.checkGradients', document.uri);
    const badge = async (): Promise<string | undefined> => (await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri)).map(({ command }) => command?.title ?? '').find((title) => title.includes('gradient'));
    assert.match(await eventually('the badge', badge), /^✓ gradient checked, \d·10⁻[⁰¹²³⁴⁵⁶⁷⁸⁹]+$/);
    const at = document.getText().indexOf('"units": 16') + '"units": '.length;
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(document.positionAt(at), document.positionAt(at + 2)), '17');
    await vscode.workspace.applyEdit(edit);
    assert.equal(await eventually('another badge', async () => ((await badge())?.startsWith('✓') === false ? badge() : undefined)), '○ gradient check outdated');
    await vscode.commands.executeCommand('notifications.clearAll');
  });
});
