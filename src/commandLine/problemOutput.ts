import type { Problem } from '../shared/position';
import { lineColumn } from '../spec/lineColumn';

/** `file:line:column: error: message`, as compilers write it and editors read it. */
export function problemLine(file: string, text: string, { severity, message, range }: Problem): string {
  const { line, column } = lineColumn(text, range.start);
  return `${file}:${line}:${column}: ${severity}: ${message}`;
}

/** A problem as one line of `--json`. */
export function problemJson(text: string, { severity, message, range, code }: Problem): string {
  return JSON.stringify({ severity, message, ...lineColumn(text, range.start), code });
}
