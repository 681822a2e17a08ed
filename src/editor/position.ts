import * as vscode from 'vscode';
import type { TextRange } from '../shared/position';

/** A stretch of a document's text as VS Code wants it. */
export function toRange(document: vscode.TextDocument, { start, end }: TextRange): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}
