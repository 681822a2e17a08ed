import * as vscode from 'vscode';
import type { StandingDiagnoses } from '../views/standingDiagnoses';
import { diagnosedPlace, type DiagnosedPlace } from './diagnosisModel';
import { diagnosticSource } from './diagnostics';
import { toRange } from './position';
import { specSelector, type SpecDocuments } from './specDocuments';

/** Shows the verdict of a diagnosis where the spec would have to change, for as long as the spec is the one that was trained, with its edits as quick fixes. */
export function registerDiagnosisFixes(documents: SpecDocuments, diagnoses: StandingDiagnoses): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection('unroll-verdict');
  const placeIn = (document: vscode.TextDocument): DiagnosedPlace | undefined => diagnosedPlace(documents.parsed(document), diagnoses.of(document.uri.fsPath));
  const show = (document: vscode.TextDocument): void => {
    const place = placeIn(document);
    collection.set(document.uri, place ? [toDiagnostic(document, place)] : []);
  };
  const provider: vscode.CodeActionProvider = {
    provideCodeActions(document, range) {
      const place = placeIn(document);
      if (!place) return [];
      const run = diagnoses.of(document.uri.fsPath)?.run;
      const diagnostics = [toDiagnostic(document, place)];
      return place.fixes
        .filter(({ ranges }) => ranges.some((own) => toRange(document, own).intersection(range) !== undefined))
        .flatMap(({ fix }) => {
          const trial = { specPath: document.uri.fsPath, run, fix };
          return [action(`${fix.title} (preview)`, 'unroll.previewFix', trial, diagnostics), action(`Try: ${fix.title}`, 'unroll.tryFix', trial, diagnostics)];
        });
    },
  };
  return vscode.Disposable.from(
    collection,
    documents.onDidCheck(show),
    documents.onDidClose((uri) => collection.delete(uri)),
    {
      dispose: diagnoses.onDidChange((specPath) => {
        for (const document of vscode.workspace.textDocuments) if (document.uri.scheme === 'file' && document.uri.fsPath === specPath) show(document);
      }),
    },
    vscode.languages.registerCodeActionsProvider(specSelector, provider, { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] }),
  );
}

function toDiagnostic(document: vscode.TextDocument, { range, message, verdict }: DiagnosedPlace): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(toRange(document, range), message, vscode.DiagnosticSeverity.Information);
  diagnostic.source = diagnosticSource;
  diagnostic.code = verdict;
  return diagnostic;
}

function action(title: string, command: string, trial: object, diagnostics: vscode.Diagnostic[]): vscode.CodeAction {
  const made = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  made.command = { title, command, arguments: [trial] };
  made.diagnostics = diagnostics;
  return made;
}
