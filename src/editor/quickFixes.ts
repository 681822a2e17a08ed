import * as vscode from 'vscode';
import { toDiagnostic } from './diagnostics';
import { toRange } from './position';
import { specSelector, type SpecDocuments } from './specDocuments';

/** Offers the mended text of every problem that has one. */
export function registerQuickFixes(documents: SpecDocuments): vscode.Disposable {
  const provider: vscode.CodeActionProvider = {
    provideCodeActions(document, range) {
      return documents.problems(document).flatMap((problem) => {
        const { suggestion } = problem;
        const place = toRange(document, problem.range);
        if (!suggestion || !place.intersection(range)) return [];
        const action = new vscode.CodeAction(suggestion.title, vscode.CodeActionKind.QuickFix);
        action.edit = new vscode.WorkspaceEdit();
        action.edit.replace(document.uri, place, suggestion.text);
        action.diagnostics = [toDiagnostic(document, problem)];
        action.isPreferred = true;
        return [action];
      });
    },
  };
  return vscode.languages.registerCodeActionsProvider(specSelector, provider, { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] });
}
