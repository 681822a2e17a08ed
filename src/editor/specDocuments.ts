import * as vscode from 'vscode';
import { basename, dirname, resolve } from 'node:path';
import { checkSpec } from '../data/check';
import type { DataFacts } from '../data/facts';
import { taskFiles } from '../data/taskFiles';
import { nodeDataFiles } from '../engineHost/nodeFiles';
import type { Problem } from '../shared/position';
import type { DataSizes } from '../spec/architecture';
import { parseSpec, type ParsedSpec } from '../spec/parse';
import type { TaskSpec } from '../spec/schema';
import type { DataCache } from './dataCache';

/** The documents that language features serve. */
export const specSelector: vscode.DocumentSelector = { scheme: 'file', pattern: '**/*.rnn.json' };

/** How long a person must pause before the problems are looked for, in milliseconds. */
const pause = 200;

/** What is known about an open spec. */
interface Known {
  /** The newest version that was asked for. */
  text?: { readonly version: number; readonly parsed: ParsedSpec };
  /** The same with the sizes of its data. */
  sized?: { readonly version: number; readonly sizes: DataSizes; readonly parsed: ParsedSpec };
  /** Of spec and data, as last looked at. */
  problems: readonly Problem[];
  /** Counts the checks, so that an overtaken one is dropped. */
  checks: number;
  timer?: NodeJS.Timeout;
  watched: { readonly paths: string; readonly watching: vscode.Disposable };
}

/** Open specs, parsed once for each version of their text and checked with their data when a person pauses. */
export class SpecDocuments implements vscode.Disposable {
  private readonly known = new Map<string, Known>();
  private readonly checked = new vscode.EventEmitter<vscode.TextDocument>();
  private readonly closed = new vscode.EventEmitter<vscode.Uri>();
  private readonly subscriptions: vscode.Disposable[];

  /** A spec and its data were looked at again. */
  readonly onDidCheck = this.checked.event;
  readonly onDidClose = this.closed.event;

  constructor(
    private readonly cache: DataCache,
    private readonly report: (error: unknown) => void,
  ) {
    this.subscriptions = [
      this.checked,
      this.closed,
      vscode.workspace.onDidOpenTextDocument((document) => this.schedule(document, 0)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.schedule(document, pause)),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.scheduleAll()),
      vscode.workspace.onDidCloseTextDocument((document) => this.forget(document)),
    ];
    this.scheduleAll();
  }

  /** The spec in a document as it is now, with the sizes of its data where they were read. */
  parsed(document: vscode.TextDocument): ParsedSpec {
    const { version } = document;
    const known = this.entry(document);
    const sizes = this.facts(document)?.sizes;
    if (!sizes) return this.plain(document, known);
    if (known.sized?.version !== version || known.sized.sizes !== sizes) known.sized = { version, sizes, parsed: parseSpec(document.getText(), sizes) };
    return known.sized.parsed;
  }

  /** What is known about the data of a spec; undefined until they were read. */
  facts(document: vscode.TextDocument): DataFacts | undefined {
    const { spec } = this.plain(document, this.entry(document));
    return spec && this.cache.known(document.uri.fsPath, spec.task);
  }

  /** Problems of a spec and its data, as last looked at. */
  problems(document: vscode.TextDocument): readonly Problem[] {
    return this.known.get(document.uri.toString())?.problems ?? [];
  }

  dispose(): void {
    for (const { timer, watched } of this.known.values()) {
      clearTimeout(timer);
      watched.watching.dispose();
    }
    this.known.clear();
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  private plain(document: vscode.TextDocument, known: Known): ParsedSpec {
    if (known.text?.version !== document.version) known.text = { version: document.version, parsed: parseSpec(document.getText()) };
    return known.text.parsed;
  }

  private entry(document: vscode.TextDocument): Known {
    const key = document.uri.toString();
    const known = this.known.get(key) ?? { problems: [], checks: 0, watched: { paths: '', watching: new vscode.Disposable(() => undefined) } };
    this.known.set(key, known);
    return known;
  }

  private scheduleAll(): void {
    for (const document of vscode.workspace.textDocuments) this.schedule(document, 0);
  }

  private schedule(document: vscode.TextDocument, delay: number): void {
    if (vscode.languages.match(specSelector, document) === 0) return;
    const known = this.entry(document);
    known.checks++;
    clearTimeout(known.timer);
    known.timer = setTimeout(() => void this.check(document, known).catch(this.report), delay);
  }

  private async check(document: vscode.TextDocument, known: Known): Promise<void> {
    const turn = known.checks;
    const specPath = document.uri.fsPath;
    // In Restricted Mode a spec from a stranger does not decide which files are read.
    const survey = vscode.workspace.isTrusted ? (task: TaskSpec): Promise<DataFacts> => this.cache.survey(specPath, task) : (): Promise<DataFacts> => Promise.resolve({});
    const { parsed, problems } = await checkSpec(document.getText(), nodeDataFiles(dirname(specPath)), survey);
    if (known.checks !== turn || document.isClosed) return;
    known.problems = problems;
    this.checked.fire(document);
    this.watch(document, known, parsed.spec ? taskFiles(parsed.spec.task) : []);
  }

  /** Looks again when a data file appears, changes or goes. */
  private watch(document: vscode.TextDocument, known: Known, files: readonly string[]): void {
    const paths = files.map((file) => resolve(dirname(document.uri.fsPath), file));
    if (known.watched.paths === paths.join('\n')) return;
    known.watched.watching.dispose();
    const again = (): void => this.schedule(document, pause);
    const watchers = paths.map((path) => {
      const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.file(dirname(path)), basename(path)));
      return vscode.Disposable.from(watcher, watcher.onDidCreate(again), watcher.onDidChange(again), watcher.onDidDelete(again));
    });
    known.watched = { paths: paths.join('\n'), watching: vscode.Disposable.from(...watchers) };
  }

  private forget(document: vscode.TextDocument): void {
    const known = this.known.get(document.uri.toString());
    if (!known) return;
    clearTimeout(known.timer);
    known.checks++;
    known.watched.watching.dispose();
    this.known.delete(document.uri.toString());
    this.closed.fire(document.uri);
  }
}
