import * as vscode from 'vscode';
import { getLocation } from 'jsonc-parser';
import { decayMarkdown } from './decaySvg';
import { hoverAt } from './hoverModel';
import { hoverTheme } from './hoverTheme';
import { reachedLayer, reachHint, type InitialReach } from './initialReach';
import { toRange } from './position';
import { specSelector, type SpecDocuments } from './specDocuments';

/** Shows what follows from a field: parameter counts, sizes, steps; and of a layer how far it reaches before any training. */
export function registerHovers(documents: SpecDocuments, reach: InitialReach): vscode.Disposable {
  return vscode.languages.registerHoverProvider(specSelector, {
    provideHover(document, position) {
      const { path } = getLocation(document.getText(), document.offsetAt(position));
      const parsed = documents.parsed(document);
      const hover = hoverAt(parsed, path, documents.facts(document));
      const layer = reachedLayer(parsed, path, reach);
      // The chart first: a hover is low, and what follows is found by scrolling.
      const contents = [...(layer ? [decayMarkdown(layer.curves, reachHint(layer.curves), hoverTheme())] : []), ...(hover ? [hover.markdown] : [])];
      const range = hover?.range ?? (layer && (parsed.keyRangeOf(path) ?? parsed.rangeOf(path)));
      return contents.length === 0 ? undefined : new vscode.Hover(contents.map((content) => new vscode.MarkdownString(content)), range && toRange(document, range));
    },
  });
}
