import * as vscode from 'vscode';
import type { Problem } from '../shared/position';
import { toRange } from './position';
import type { SpecDocuments } from './specDocuments';

/** What the Problems view names as the finder. */
export const diagnosticSource = 'unroll';

/** Shows the problems of open specs and their data. */
export function registerDiagnostics(documents: SpecDocuments): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection(diagnosticSource);
  return vscode.Disposable.from(
    collection,
    documents.onDidCheck((document) => collection.set(document.uri, documents.problems(document).map((problem) => toDiagnostic(document, problem)))),
    documents.onDidClose((uri) => collection.delete(uri)),
  );
}

/** A problem as VS Code shows it. */
export function toDiagnostic(document: vscode.TextDocument, { severity, message, code, range }: Problem): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(toRange(document, range), message, severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning);
  diagnostic.code = code;
  diagnostic.source = diagnosticSource;
  if (code === 'no-effect') diagnostic.tags = [vscode.DiagnosticTag.Unnecessary];
  return diagnostic;
}
