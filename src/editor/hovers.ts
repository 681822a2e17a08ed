import * as vscode from 'vscode';
import { getLocation } from 'jsonc-parser';
import { hoverAt } from './hoverModel';
import { toRange } from './position';
import { specSelector, type SpecDocuments } from './specDocuments';

/** Shows what follows from a field: parameter counts, sizes, steps. */
export function registerHovers(documents: SpecDocuments): vscode.Disposable {
  return vscode.languages.registerHoverProvider(specSelector, {
    provideHover(document, position) {
      const { path } = getLocation(document.getText(), document.offsetAt(position));
      const hover = hoverAt(documents.parsed(document), path, documents.facts(document));
      return hover && new vscode.Hover(new vscode.MarkdownString(hover.markdown), toRange(document, hover.range));
    },
  });
}
