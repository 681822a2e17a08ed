import { breaks } from './breaks';
import { textOf, type TextSource } from './decode';
import { DataError } from './files';

/** One object of a JSON Lines file. */
export interface JsonLine {
  /** From 1. */
  readonly line: number;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Lines that are read between two breaks. */
const between = 64;

/**
 * The objects of a file with one JSON object a line (https://jsonlines.org); empty lines are passed over.
 * Throws a DataError that names file and line for anything else.
 */
export async function* jsonLines(source: TextSource): AsyncGenerator<JsonLine> {
  const path = source.paths[0] ?? '';
  let line = 0;
  let held = '';
  const pause = breaks(source.alive);
  for await (const piece of textOf(source)) {
    const lines = (held + piece).split('\n');
    held = lines.pop() ?? '';
    for (const text of lines) {
      line++;
      if (text.trim() !== '') yield { line, value: objectOf(text, path, line) };
      if (line % between === 0) await pause();
    }
  }
  if (held.trim() !== '') yield { line: line + 1, value: objectOf(held, path, line + 1) };
}

function objectOf(text: string, path: string, line: number): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DataError('data-format', `${path}, line ${line} is no JSON: ${start(text)} Write one object a line, such as {"text": "…", "label": "…"}.`, path);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new DataError('data-format', `${path}, line ${line} is no object: ${start(text)} Write one object a line, such as {"text": "…", "label": "…"}.`, path);
}

/** The beginning of a line, for messages. */
function start(text: string): string {
  const shown = text.trim();
  return `${shown.length > 40 ? `${shown.slice(0, 40)}…` : shown}.`;
}
