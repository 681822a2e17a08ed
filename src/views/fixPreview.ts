import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { Fix } from '../shared/diagnosis';
import { changedPart, editedText } from '../spec/editText';

const scheme = 'unroll-edit';

/** Shows what an edit would change in a spec, beside the spec as it is, and makes it when told to. Nothing changes by itself. */
export class FixPreview implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #registrations: readonly vscode.Disposable[];

  constructor() {
    this.#registrations = [
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#texts.delete(uri.toString())),
    ];
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? '';
  }

  /** Opens the difference and offers to make it. */
  async show(specPath: string, { title, reason, edit }: Pick<Fix, 'title' | 'reason' | 'edit'>): Promise<void> {
    const spec = vscode.Uri.file(specPath);
    const document = await vscode.workspace.openTextDocument(spec);
    const changed = editedText(document.getText(), edit);
    const uri = vscode.Uri.from({ scheme, path: `/${basename(specPath)}`, query: title });
    this.#texts.set(uri.toString(), changed);
    await vscode.commands.executeCommand('vscode.diff', spec, uri, `${basename(specPath)} ↔ ${title}`, { preview: true });
    const apply = 'Apply';
    if ((await vscode.window.showInformationMessage(`${title}? ${reason}`, apply)) !== apply) return;
    // The piece that changes alone, so that the editor keeps its place.
    const { start, end, replacement } = changedPart(document.getText(), editedText(document.getText(), edit));
    const change = new vscode.WorkspaceEdit();
    change.replace(spec, new vscode.Range(document.positionAt(start), document.positionAt(end)), replacement);
    await vscode.workspace.applyEdit(change);
    await closePreview(uri);
    const at = document.positionAt(start);
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.One, selection: new vscode.Range(at, at) });
  }

  dispose(): void {
    for (const registration of this.#registrations) registration.dispose();
  }
}

/** A difference that was made is none any more. */
async function closePreview(changed: vscode.Uri): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  await vscode.window.tabGroups.close(tabs.filter(({ input }) => input instanceof vscode.TabInputTextDiff && input.modified.toString() === changed.toString()));
}
