import type { RunInfo, RunState } from '../shared/run';
import type { CheckBadge } from './gradientChecks';
import { countText, isUnderWay, lossText, progressText, runLine, startText } from './runText';

/** A spec of the workspace with what is known about it. */
export interface ModelEntry {
  /** Absolute path of the `.rnn.json` file. */
  readonly specPath: string;
  /** Its path inside the workspace, with forward slashes. */
  readonly relativePath: string;
  /** Number of errors in it. */
  readonly errors: number;
  /** Of its gradient check, when there was one. */
  readonly check?: CheckBadge;
  /** Newest first. */
  readonly runs: readonly RunInfo[];
}

/** A row of the tree; runs of edits and cells that were tried have names of their own, which tell them from the others. */
export type ModelsNode = { readonly kind: 'model'; readonly entry: ModelEntry } | { readonly kind: 'run'; readonly run: RunInfo; readonly named?: 'named' };

/** How a row looks, in VS Code's terms but without its types. */
export interface NodeLook {
  /** Stable over changes, so that the tree keeps what is open and selected. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** Markdown. */
  readonly tooltip: string;
  /** A codicon. */
  readonly icon: string;
  /** A theme colour of the icon. */
  readonly color?: string;
  /** For `when` clauses: `model`, `model.training`, `run.<state>`. */
  readonly context: string;
  readonly children: 'expanded' | 'collapsed' | 'none';
  /** What a screen reader says. */
  readonly accessibleName: string;
}

const stateIcons: Readonly<Record<RunState, { readonly icon: string; readonly color?: string }>> = {
  running: { icon: 'sync~spin', color: 'charts.blue' },
  stopping: { icon: 'sync~spin', color: 'charts.blue' },
  done: { icon: 'pass', color: 'charts.green' },
  stopped: { icon: 'debug-pause' },
  interrupted: { icon: 'debug-disconnect', color: 'charts.yellow' },
  diverged: { icon: 'warning', color: 'list.warningForeground' },
  failed: { icon: 'error', color: 'list.errorForeground' },
};

/** The rows below `node`, or the models when there is none; models by path, runs newest first. */
export function childrenOf(entries: readonly ModelEntry[], node?: ModelsNode): ModelsNode[] {
  if (node?.kind === 'run') return [];
  if (node) {
    const { runs } = node.entry;
    const named = new Set(runs.map(({ name }) => name)).size > 1 ? ({ named: 'named' } as const) : {};
    return runs.map((run) => ({ kind: 'run', run, ...named }));
  }
  return [...entries].sort((a, b) => a.relativePath.localeCompare(b.relativePath)).map((entry) => ({ kind: 'model', entry }));
}

/** How a row looks at the time `now` (milliseconds since 1970). */
export function lookOf(node: ModelsNode, now: number): NodeLook {
  return node.kind === 'model' ? modelLook(node.entry) : runLook(node, now);
}

function modelLook({ specPath, relativePath, errors, check, runs }: ModelEntry): NodeLook {
  const slash = relativePath.lastIndexOf('/');
  const label = relativePath.slice(slash + 1);
  const summary = errors > 0 ? `${errors} ${errors === 1 ? 'problem' : 'problems'}` : runsText(runs);
  const folder = slash > 0 ? relativePath.slice(0, slash) : undefined;
  return {
    id: runs.length === 0 ? specPath : `${specPath} with runs`, // VS Code remembers by id that a row has nothing to expand
    label,
    description: [summary, check && badgeText(check), folder].filter((part) => part !== undefined).join(' · '),
    tooltip: [relativePath, summary, bestText(runs), check?.tooltip].filter((part) => part !== undefined).join('  \n'),
    icon: errors > 0 ? 'error' : 'json',
    color: errors > 0 ? 'list.errorForeground' : 'charts.yellow',
    context: runs.some((run) => isUnderWay(run.state)) ? 'model.training' : 'model',
    children: runs.length === 0 ? 'none' : 'expanded',
    accessibleName: [`Model ${label}`, summary, ...(check ? [check.text] : [])].join(', '),
  };
}

/** The badge as the tree has room for. */
function badgeText({ kind, text }: CheckBadge): string {
  return { right: '✓ gradient checked', wrong: `✕ ${text}`, stale: text }[kind];
}

function runsText(runs: readonly RunInfo[]): string {
  if (runs.length === 0) return 'not run';
  return `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`;
}

function bestText(runs: readonly RunInfo[]): string | undefined {
  const losses = runs.flatMap((run) => (run.validationLoss !== undefined && Number.isFinite(run.validationLoss) ? [run.validationLoss] : []));
  return losses.length > 0 ? `Best validation loss ${lossText(Math.min(...losses))}` : undefined;
}

function runLook({ run, named }: Extract<ModelsNode, { readonly kind: 'run' }>, now: number): NodeLook {
  const label = startText(run.startedAt, now);
  const line = named === undefined ? runLine(run) : `${run.name} · ${runLine(run)}`;
  const facts = [
    `**${run.name}** ${progressText(run)}`,
    run.loss === undefined ? undefined : `Training loss ${lossText(run.loss)}`,
    run.validationLoss === undefined ? undefined : `Validation loss ${lossText(run.validationLoss)}`,
    `${countText(run.parameters)} parameters`,
    `${run.checkpoints.length} ${run.checkpoints.length === 1 ? 'checkpoint' : 'checkpoints'}`,
    run.reason,
  ];
  return {
    id: run.folder,
    label,
    description: line,
    tooltip: facts.filter((fact) => fact !== undefined).join('  \n'),
    ...stateIcons[run.state],
    context: `run.${run.state}`,
    children: 'none',
    accessibleName: `Run started ${label}, ${line}`,
  };
}

/** The entries with this run in its place: known ones replaced, a new one first among its model's. */
export function withRun(entries: readonly ModelEntry[], run: RunInfo): readonly ModelEntry[] {
  return entries.map((entry) => {
    if (entry.specPath !== run.specPath) return entry;
    const known = entry.runs.some(({ folder }) => folder === run.folder);
    const runs = known ? entry.runs.map((other) => (other.folder === run.folder ? run : other)) : [run, ...entry.runs];
    return { ...entry, runs };
  });
}
