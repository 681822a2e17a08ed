import { editedText, nameWithEnding, type SpecEdit } from './editText';
import { layerStacks } from './layerStacks';
import type { ParsedSpec } from './parse';
import type { CellKind, Spec } from './schema';

/** The cells of the comparison, as the field ranks them: the usual choice first. */
export const cellKinds: readonly CellKind[] = ['lstm', 'gru', 'rnn'];

/** What a cell is called in sentences: `LSTM`, `GRU`, `vanilla RNN`. */
export const cellNames: Readonly<Record<CellKind, string>> = { lstm: 'LSTM', gru: 'GRU', rnn: 'vanilla RNN' };

/** Settings of a layer that only one cell has. */
const ownSettings: Readonly<Record<string, CellKind>> = { activation: 'rnn', resetAfter: 'gru', forgetBias: 'lstm' };

/** The cell of every layer; undefined when they differ. */
export function commonCell(spec: Spec): CellKind | undefined {
  const [first, ...others] = layerStacks(spec).flatMap(({ layers }) => layers.map(({ cell }) => cell));
  return others.every((cell) => cell === first) ? first : undefined;
}

/**
 * The text of a spec with another cell in every layer: settings that this cell does not have are dropped,
 * everything else (sizes, connections, data, training, comments) stays, and `-as-gru` behind its name tells
 * its runs from the spec's own. A spec that has this cell everywhere comes back as it is.
 */
export function withCell({ text, spec }: ParsedSpec & { readonly spec: Spec }, cell: CellKind): string {
  if (commonCell(spec) === cell) return text;
  const edits: SpecEdit[] = [{ path: ['name'], value: nameWithEnding(spec.name, `-as-${cell}`) }];
  for (const { path, layers } of layerStacks(spec)) {
    layers.forEach((layer, index) => {
      const at = [...path, index];
      if (layer.cell !== cell) edits.push({ path: [...at, 'cell'], value: cell }, { path: [...at, 'gateBias'], value: undefined });
      for (const [setting, owner] of Object.entries(ownSettings)) if (owner !== cell) edits.push({ path: [...at, setting], value: undefined });
    });
  }
  return editedText(text, edits);
}

/** A spec with one cell in every layer. */
export interface CellVariant {
  readonly cell: CellKind;
  readonly text: string;
}

/** The spec with each cell, in the order they are best trained: the spec's own last, so that its newest run is of itself. */
export function cellVariants(parsed: ParsedSpec & { readonly spec: Spec }): CellVariant[] {
  const own = commonCell(parsed.spec);
  const order = [...cellKinds].sort((a, b) => Number(a === own) - Number(b === own));
  return order.map((cell) => ({ cell, text: withCell(parsed, cell) }));
}
