import type { TextRange } from '../../src/shared/position';

/** A text with places marked in it: `"cell": <|"lsmt"|>` marks a range, `"ce<|>ll"` a position. */
export interface MarkedText {
  readonly text: string;
  readonly ranges: readonly TextRange[];
}

/** Takes the marks out of a text. */
export function marked(source: string): MarkedText {
  const ranges: TextRange[] = [];
  const open: number[] = [];
  let text = '';
  for (const part of source.split(/(<\|>|<\||\|>)/)) {
    if (part === '<|>') ranges.push({ start: text.length, end: text.length });
    else if (part === '<|') open.push(text.length);
    else if (part === '|>') ranges.push({ start: open.pop()!, end: text.length });
    else text += part;
  }
  return { text, ranges: ranges.sort((a, b) => a.start - b.start) };
}

/** The text with the given ranges marked, to compare with what was expected. */
export function mark(text: string, ranges: readonly TextRange[]): string {
  return [...ranges].sort((a, b) => b.start - a.start).reduce((out, { start, end }) => `${out.slice(0, start)}<|${out.slice(start, end)}|>${out.slice(end)}`, text);
}
