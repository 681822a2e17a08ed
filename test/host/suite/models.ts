import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { UnrollApi } from '../../../src/api';
import { rhyme, smallSpec } from '../workspace';

/** The folder this VS Code has open. */
export function workspaceFolder(): string {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (!folder) throw new Error('This suite needs a folder.');
  return folder.uri.fsPath;
}

/** Writes a model into a subfolder of its own, with a text to learn; returns the spec's Uri. */
export function makeModel(name: string, change: { readonly text?: string; readonly training?: object; readonly model?: object; readonly task?: object; readonly data?: string | Buffer } = {}): vscode.Uri {
  const folder = join(workspaceFolder(), name);
  mkdirSync(folder, { recursive: true });
  const spec = { ...smallSpec, name, task: { ...smallSpec.task, ...change.task }, model: change.model ?? smallSpec.model, training: { ...smallSpec.training, ...change.training } };
  writeFileSync(join(folder, 'rhyme.txt'), change.data ?? rhyme.repeat(200));
  const file = join(folder, `${name}.rnn.json`);
  writeFileSync(file, change.text ?? JSON.stringify(spec, null, 2));
  return vscode.Uri.file(file);
}

/** Writes a model of any task beside its data file; returns the spec's Uri. */
export function makeTask(name: string, task: object, model: object, data?: { readonly file: string; readonly text: string }): vscode.Uri {
  const uri = makeModel(name, { text: JSON.stringify({ version: 1, name, task: { ...task, ...(data && { data: data.file }) }, model, training: { ...smallSpec.training, steps: 30 } }, null, 2) });
  if (data) writeFileSync(join(workspaceFolder(), name, data.file), data.text);
  return uri;
}

/** The extension's API. */
export async function unroll(): Promise<UnrollApi> {
  const extension = vscode.extensions.getExtension<UnrollApi>('unroll.unroll-rnn');
  if (!extension) throw new Error('Unroll is not installed.');
  return extension.activate();
}

/** Asks until the answer is not undefined; fails after `timeout` milliseconds. */
export async function eventually<T>(what: string, ask: () => T | undefined | Promise<T | undefined>, timeout = 60_000): Promise<T> {
  const deadline = Date.now() + timeout;
  while (Date.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} did not happen within ${timeout / 1000} s.`);
}
