import { applyEdits, modify, type JSONPath } from 'jsonc-parser';

/** A value to set at a place of the spec; `undefined` takes what is there away. */
export interface SpecEdit {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** The text of a spec with these values set, one after the other; comments and everything else stay as they are. */
export function editedText(text: string, edits: readonly SpecEdit[]): string {
  return edits.reduce((source, { path, value }) => applyEdits(source, modify(source, path as JSONPath, value, { formattingOptions: { insertSpaces: true, tabSize: 2 } })), text);
}

/** The piece of a text in which another differs from it, and what stands there in the other. */
export function changedPart(text: string, other: string): { readonly start: number; readonly end: number; readonly replacement: string } {
  const shorter = Math.min(text.length, other.length);
  let start = 0;
  while (start < shorter && text[start] === other[start]) start++;
  let same = 0;
  while (same < shorter - start && text[text.length - 1 - same] === other[other.length - 1 - same]) same++;
  return { start, end: text.length - same, replacement: other.slice(start, other.length - same) };
}

/** A name with an ending that tells its runs from the spec's own, within the 100 characters that names hold. */
export function nameWithEnding(name: string, ending: string): string {
  return name.slice(0, 100 - ending.length) + ending;
}
