import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commands } from '../../../src/commands';
import { unroll } from './models';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string; readonly category: string }[];
    readonly walkthroughs: readonly { readonly steps: readonly { readonly description: string; readonly completionEvents: readonly string[] }[] }[];
    readonly menus: Readonly<Record<string, readonly { readonly command: string }[]>>;
  };
}

function manifest(): Manifest {
  return vscode.extensions.getExtension('unroll.unroll-rnn')?.packageJSON as Manifest;
}

describe('activation', () => {
  it('answers with the API', async () => {
    const api = await unroll();
    assert.deepEqual(['onDidChangeRuns', 'trace', 'train'].filter((name) => !(name in api)), []);
  });

  it('declares exactly the commands of the command table, all in the category Unroll', () => {
    const declared = manifest().contributes.commands;
    assert.deepEqual(declared.map(({ command }) => command).sort(), Object.keys(commands).sort());
    assert.deepEqual(new Set(declared.map(({ category }) => category)), new Set(['Unroll']));
  });

  it('registers every declared command', async () => {
    const registered = new Set(await vscode.commands.getCommands(true));
    for (const { command } of manifest().contributes.commands) assert.ok(registered.has(command), command);
  });

  it('puts only declared commands into menus', () => {
    for (const { command } of Object.values(manifest().contributes.menus).flat()) assert.ok(command in commands, command);
  });

  it('leads through a walkthrough whose steps run commands and end with them', () => {
    const steps = manifest().contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
    assert.equal(steps.length, 4);
    for (const { description, completionEvents } of steps) {
      const [, linked = ''] = /\(command:(.+?)\)/.exec(description) ?? [];
      assert.ok(linked in commands, description);
      assert.deepEqual(completionEvents, [`onCommand:${linked}`]);
    }
  });

  it('reads specs as JSON with comments', async () => {
    const document = await vscode.workspace.openTextDocument({ content: '{}' });
    assert.equal(document.languageId, 'plaintext');
    const [spec] = await vscode.workspace.findFiles('small.rnn.json');
    assert.ok(spec);
    assert.equal((await vscode.workspace.openTextDocument(spec)).languageId, 'jsonc');
  });
});
