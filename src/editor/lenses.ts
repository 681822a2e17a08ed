import * as vscode from 'vscode';
import { specLenses, type Lens } from './lensModel';
import { checkBadge, type GradientChecks } from '../views/gradientChecks';
import { toRange } from './position';
import { RunsOfSpecs, type RunsSource } from './runsOfSpecs';
import { specSelector, type SpecDocuments } from './specDocuments';

/** Lenses of a spec in training are renewed at most this often, in milliseconds. */
const beat = 500;

const commands: Readonly<Record<NonNullable<Lens['action']>, string>> = {
  train: 'unroll.trainModel',
  inspect: 'unroll.inspectModel',
  stop: 'unroll.stopTraining',
  problems: 'workbench.actions.view.problems',
  check: 'unroll.checkGradients',
};

/** Shows lenses above the model (Train, Inspect, live state), its data and each layer. */
export function registerLenses(documents: SpecDocuments, source: RunsSource, checks: GradientChecks, report: (error: unknown) => void): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  let timer: NodeJS.Timeout | undefined;
  const soon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      changed.fire();
    }, beat);
  };
  const runs = new RunsOfSpecs(source, soon);
  const read = new Set<string>();

  const provider: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: changed.event,
    provideCodeLenses(document) {
      const specPath = document.uri.fsPath;
      if (!read.has(specPath)) {
        read.add(specPath);
        void runs.refresh(specPath).catch(report);
      }
      const errors = documents.problems(document).filter(({ severity }) => severity === 'error').length;
      const parsed = documents.parsed(document);
      const lenses = specLenses({ parsed, facts: documents.facts(document), errors, runs: runs.of(specPath), check: checkBadge(checks.of(specPath), parsed.spec) });
      return lenses.map((lens) => toCodeLens(document, lens));
    },
  };

  return vscode.Disposable.from(
    vscode.languages.registerCodeLensProvider(specSelector, provider),
    documents.onDidCheck(() => changed.fire()),
    { dispose: checks.onDidChange(() => changed.fire()) },
    // Runs that were deleted or made elsewhere are seen when the spec is opened again.
    documents.onDidClose((uri) => read.delete(uri.fsPath)),
    runs,
    changed,
    new vscode.Disposable(() => clearTimeout(timer)),
  );
}

function toCodeLens(document: vscode.TextDocument, { range, title, tooltip, action }: Lens): vscode.CodeLens {
  const place = toRange(document, range);
  // A lens without a command id shows as text that cannot be clicked.
  if (!action) return new vscode.CodeLens(place, { title, tooltip, command: '' });
  return new vscode.CodeLens(place, { title, tooltip, command: commands[action], arguments: action === 'problems' ? [] : [document.uri] });
}
