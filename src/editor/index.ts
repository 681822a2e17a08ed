import * as vscode from 'vscode';
import { DataCache } from './dataCache';
import { registerDiagnostics } from './diagnostics';
import { registerHovers } from './hovers';
import { InitialReach } from './initialReach';
import { registerInlayHints } from './inlayHints';
import { registerLenses } from './lenses';
import { registerQuickFixes } from './quickFixes';
import type { GradientChecks } from '../views/gradientChecks';
import type { StandingDiagnoses } from '../views/standingDiagnoses';
import { registerDiagnosisFixes } from './diagnosisFixes';
import type { RunsSource } from './runsOfSpecs';
import { SpecDocuments } from './specDocuments';

/** What the language features need; `report` takes failures that are no fault of a spec or its data. */
export interface EditorContext {
  readonly runs: RunsSource;
  /** What is known of gradients that were checked, and of models that were diagnosed. */
  readonly checks: GradientChecks;
  readonly diagnoses: StandingDiagnoses;
  report(error: unknown): void;
}

/** Registers lenses, diagnostics, hovers, inlay hints and quick fixes for `.rnn.json`; completion comes from the contributed JSON schema. */
export function registerEditor({ runs, checks, diagnoses, report }: EditorContext): vscode.Disposable {
  const tell = (error: unknown): void => report(error);
  const documents = new SpecDocuments(new DataCache(), tell);
  const reach = new InitialReach();
  return vscode.Disposable.from(registerDiagnostics(documents), registerLenses(documents, runs, checks, tell), registerHovers(documents, reach), registerInlayHints(documents, reach), registerQuickFixes(documents), registerDiagnosisFixes(documents, diagnoses), documents);
}
