import { findNodeAtLocation, type Node } from 'jsonc-parser';
import type { TextRange } from '../shared/position';
import type { SpecPath } from './schemaAt';

/** Where the values of a spec stand in its text. */
export interface SpecRanges {
  /** The value at a path, quotes and braces included. */
  rangeOf(path: SpecPath): TextRange | undefined;
  /** The key of the value at a path, with its quotes. */
  keyRangeOf(path: SpecPath): TextRange | undefined;
  /** The value at a path (or the nearest thing around it that exists), cut at the end of its first line: where to point for what it lacks. */
  headOf(path: SpecPath): TextRange;
}

/** Ranges in `text`, from its syntax tree. */
export function rangesOf(text: string, tree: Node | undefined): SpecRanges {
  // jsonc-parser wants a mutable path, but does not change it.
  const nodeAt = (path: SpecPath): Node | undefined => (tree ? findNodeAtLocation(tree, [...path]) : undefined);
  const rangeOf = (path: SpecPath): TextRange | undefined => {
    const node = nodeAt(path);
    return node && { start: node.offset, end: node.offset + node.length };
  };
  return {
    rangeOf,
    keyRangeOf(path) {
      const property = nodeAt(path)?.parent;
      const key = property?.type === 'property' ? property.children?.[0] : undefined;
      return key && { start: key.offset, end: key.offset + key.length };
    },
    headOf(path) {
      for (let length = path.length; length >= 0; length--) {
        const range = rangeOf(path.slice(0, length));
        if (!range) continue;
        const line = text.slice(range.start, range.end).search(/[\r\n]/);
        return { start: range.start, end: line < 0 ? range.end : range.start + line };
      }
      return { start: 0, end: Math.min(1, text.length) };
    },
  };
}
