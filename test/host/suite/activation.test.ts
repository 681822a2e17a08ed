import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('activation', () => {
  it('activates in this VS Code', async () => {
    const extension = vscode.extensions.getExtension('unroll.unroll-rnn');
    assert.ok(extension);
    await extension.activate();
    assert.ok(extension.isActive);
  });
});
