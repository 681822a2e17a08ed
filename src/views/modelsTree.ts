import * as vscode from 'vscode';
import type { RunsApi } from '../runs/api';
import type { RunInfo } from '../shared/run';
import { parseSpec } from '../spec/parse';
import { checkBadge, type GradientChecks } from './gradientChecks';
import { childrenOf, lookOf, withRun, type ModelEntry, type ModelsNode } from './modelsModel';
import { isUnderWay } from './runText';

const specs = '**/*.rnn.json';
/** Run folders hold a copy of the spec; those are no models. */
const notModels = '**/{.unroll,node_modules}/**';
/** Files change in bursts. */
const settleMilliseconds = 200;

const restriction = 'Restricted Mode: specs are checked and stored runs can be inspected. Training and diagnosing are off, because they read the data files that a spec names.';

/** The tree *Models*: every spec of the workspace and below it its runs. */
export class ModelsTree implements vscode.TreeDataProvider<ModelsNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<ModelsNode>;
  private readonly subscriptions: vscode.Disposable[] = [];
  private entries: Promise<readonly ModelEntry[]> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly runs: RunsApi,
    private readonly checks: GradientChecks,
  ) {
    this.view = vscode.window.createTreeView('unroll.models', { treeDataProvider: this, showCollapseAll: true });
    this.view.message = vscode.workspace.isTrusted ? undefined : restriction;
    const trusted = vscode.workspace.onDidGrantWorkspaceTrust(() => (this.view.message = undefined));
    const stop = runs.onDidChange(({ info }) => this.take(info));
    this.subscriptions.push(this.view, this.changed, trusted, { dispose: stop }, { dispose: checks.onDidChange(() => this.reload()) }, vscode.workspace.onDidChangeWorkspaceFolders(() => this.reload()));
    for (const pattern of [specs, '**/.unroll/*/*/run.json']) {
      const watcher = vscode.workspace.createFileSystemWatcher(pattern);
      this.subscriptions.push(watcher, watcher.onDidCreate(() => this.reload()), watcher.onDidChange(() => this.reload()), watcher.onDidDelete(() => this.reload()));
    }
  }

  /** Reads specs and runs again from disk, soon. */
  reload(): void {
    this.entries = undefined;
    this.refreshSoon();
  }

  /** Absolute paths of the specs in the workspace. */
  async specPaths(): Promise<string[]> {
    return (await vscode.workspace.findFiles(specs, notModels)).map((uri) => uri.fsPath).sort();
  }

  async getChildren(node?: ModelsNode): Promise<ModelsNode[]> {
    this.entries ??= this.read();
    return childrenOf(await this.entries, node);
  }

  getTreeItem(node: ModelsNode): vscode.TreeItem {
    const look = lookOf(node, Date.now());
    const states = { none: vscode.TreeItemCollapsibleState.None, collapsed: vscode.TreeItemCollapsibleState.Collapsed, expanded: vscode.TreeItemCollapsibleState.Expanded };
    const item = new vscode.TreeItem(look.label, states[look.children]);
    item.id = look.id;
    item.description = look.description;
    item.tooltip = new vscode.MarkdownString(look.tooltip);
    item.iconPath = new vscode.ThemeIcon(look.icon, look.color === undefined ? undefined : new vscode.ThemeColor(look.color));
    item.contextValue = look.context;
    item.accessibilityInformation = { label: look.accessibleName };
    item.command =
      node.kind === 'model'
        ? { command: 'vscode.open', title: 'Open', arguments: [vscode.Uri.file(node.entry.specPath)] }
        : { command: 'unroll.inspectModel', title: 'Inspect', arguments: [node] };
    return item;
  }

  dispose(): void {
    clearTimeout(this.timer);
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  private take(run: RunInfo): void {
    const { entries } = this;
    if (entries) this.entries = entries.then((known) => withRun(known, run));
    const active = this.runs.active().filter(({ state }) => isUnderWay(state)).length;
    this.view.badge = active === 0 ? undefined : { value: active, tooltip: `${active} training` };
    this.refreshSoon();
  }

  private refreshSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.changed.fire();
    }, settleMilliseconds);
  }

  private async read(): Promise<readonly ModelEntry[]> {
    return Promise.all((await this.specPaths()).map((specPath) => this.readEntry(specPath)));
  }

  private async readEntry(specPath: string): Promise<ModelEntry> {
    const uri = vscode.Uri.file(specPath);
    const text = await vscode.workspace.fs.readFile(uri).then(
      (bytes) => new TextDecoder().decode(bytes),
      () => undefined,
    );
    const parsed = text === undefined ? undefined : parseSpec(text);
    const errors = parsed ? parsed.problems.filter(({ severity }) => severity === 'error').length : 1;
    const check = checkBadge(this.checks.of(specPath), parsed?.spec);
    const runs = await this.runs.list(specPath).catch(() => []);
    return { specPath, relativePath: vscode.workspace.asRelativePath(uri).replaceAll('\\', '/'), errors, ...(check && { check }), runs };
  }
}
