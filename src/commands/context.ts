import type { LogOutputChannel, Uri } from 'vscode';
import type { RunsApi } from '../runs/api';
import type { Fix } from '../shared/diagnosis';
import type { RunInfo } from '../shared/run';
import type { CompareTarget } from '../shared/comparison';
import type { GradientChecks } from '../views/gradientChecks';
import type { ModelsTree } from '../views/modelsTree';

/** What the Inspector is asked to show. */
export interface InspectTarget {
  /** Absolute path of the spec. */
  readonly specPath: string;
  /** The run's folder; default: the newest run. */
  readonly run?: string;
  /** What to do once it is shown. */
  readonly then?: 'diagnose';
}

/** What commands work with. */
export interface CommandContext {
  readonly runs: RunsApi;
  readonly models: ModelsTree;
  readonly inspector: { show(target: InspectTarget): void | Promise<void> };
  /** The view *Live*, whose buttons act on the run that it shows. */
  readonly live: { readonly run: RunInfo | undefined };
  /** Shows edits of specs before they are made. */
  readonly fixes: { show(specPath: string, fix: Fix): Promise<void> };
  /** What is known of gradients that were checked. */
  readonly checks: GradientChecks;
  readonly compare: { show(target: CompareTarget): void };
  readonly log: LogOutputChannel;
  /** The extension's folder. */
  readonly extensionUri: Uri;
}

/** A command's handler: gets the context once, then whatever VS Code passes (a Uri, a row of the tree, nothing). */
export type Command = (context: CommandContext) => (target?: unknown) => Promise<void> | void;
