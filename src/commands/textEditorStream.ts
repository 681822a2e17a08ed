import * as vscode from 'vscode';

/** An untitled plain text beside the active editor that text is appended to, piece by piece. */
export class TextEditorStream {
  #pending = '';
  #writing: Promise<void> = Promise.resolve();

  private constructor(private readonly document: vscode.TextDocument) {}

  /** Opens the editor with the beginning of the text; the focus stays where it is. */
  static async open(beginning: string): Promise<TextEditorStream> {
    const document = await vscode.workspace.openTextDocument({ language: 'plaintext', content: beginning });
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true, preview: false });
    return new TextEditorStream(document);
  }

  /** Calls back when the person has closed the document. */
  onDidClose(listener: () => void): vscode.Disposable {
    return vscode.workspace.onDidCloseTextDocument((closed) => closed === this.document && listener());
  }

  /** Appends; pieces that come while the editor is busy go in together. */
  write(piece: string): void {
    this.#pending += piece;
    this.#writing = this.#writing.then(() => this.#flush());
  }

  /** Resolves when everything stands in the editor. */
  async end(): Promise<void> {
    await this.#writing;
  }

  async #flush(): Promise<void> {
    const text = this.#pending;
    if (text === '' || this.document.isClosed) return;
    this.#pending = '';
    const edit = new vscode.WorkspaceEdit();
    const { document } = this;
    edit.insert(document.uri, document.positionAt(document.getText().length), text);
    await vscode.workspace.applyEdit(edit);
  }
}
