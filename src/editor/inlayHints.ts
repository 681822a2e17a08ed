import { setTimeout as wait } from 'node:timers/promises';
import * as vscode from 'vscode';
import { decayMarkdown } from './decaySvg';
import { hoverTheme } from './hoverTheme';
import { reachHints, type InitialReach, type ReachingLayer } from './initialReach';
import { specSelector, type SpecDocuments } from './specDocuments';

const setting = 'unroll.editor.reachHints';

/** What is typed in one go is looked at once, in milliseconds. */
const pause = 40;

class LayerHint extends vscode.InlayHint {
  constructor(
    position: vscode.Position,
    label: string,
    readonly layer: ReachingLayer,
  ) {
    super(position, label);
    this.paddingLeft = true;
  }
}

/** Shows behind each layer how far it reaches before any training. */
export function registerInlayHints(documents: SpecDocuments, reach: InitialReach): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const provider: vscode.InlayHintsProvider<LayerHint> = {
    onDidChangeInlayHints: changed.event,
    async provideInlayHints(document, range, token) {
      if (vscode.workspace.getConfiguration('', document).get(setting) !== true) return [];
      await wait(pause);
      if (token.isCancellationRequested) return undefined;
      const within = { start: document.offsetAt(range.start), end: document.offsetAt(range.end) };
      return reachHints(documents.parsed(document), reach, within).map(({ offset, label, layer }) => new LayerHint(document.positionAt(offset), label, layer));
    },
    resolveInlayHint(hint) {
      hint.tooltip = new vscode.MarkdownString(decayMarkdown(hint.layer.curves, String(hint.label), hoverTheme()));
      return hint;
    },
  };
  return vscode.Disposable.from(
    changed,
    vscode.languages.registerInlayHintsProvider(specSelector, provider),
    vscode.workspace.onDidChangeConfiguration((change) => change.affectsConfiguration(setting) && changed.fire()),
  );
}
