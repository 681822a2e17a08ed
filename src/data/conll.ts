import { textOf, type TextSource } from './decode';
import { DataError } from './files';
import { jsonLines } from './jsonLines';

/** A sequence of tokens, each with a tag. */
export interface TaggedSequence {
  /** Line of the file it begins on, from 1. */
  readonly line: number;
  readonly tokens: readonly string[];
  readonly tags: readonly string[];
}

/** Sequences of a `.jsonl` file with `tokens` and `tags` arrays of the same length. Throws a DataError naming the line. */
export async function readTaggedObjects(source: TextSource): Promise<TaggedSequence[]> {
  const path = source.paths[0] ?? '';
  const sequences: TaggedSequence[] = [];
  for await (const { line, value } of jsonLines(source)) {
    const { tokens, tags } = value;
    for (const [name, list] of [['tokens', tokens], ['tags', tags]] as const) {
      if (!isTexts(list)) throw new DataError('data-format', `${path}, line ${line}: "${name}" is ${list === undefined ? 'missing' : 'no list of texts'}. Write {"tokens": ["…", "…"], "tags": ["…", "…"]}.`, path);
    }
    if (!isTexts(tokens) || !isTexts(tags)) continue;
    if (tokens.length !== tags.length) throw new DataError('data-format', `${path}, line ${line} has ${tokens.length} tokens and ${tags.length} tags. Give each token one tag.`, path);
    sequences.push({ line, tokens, tags });
  }
  return sequences;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

/**
 * Sequences of a two-column CoNLL file: a token and its tag on each line, separated by a tab or else by
 * spaces; an empty line ends a sequence; lines that begin with `# ` and `-DOCSTART-` are passed over.
 * Throws a DataError naming a line that has not two columns.
 */
export async function readConll(source: TextSource): Promise<TaggedSequence[]> {
  const path = source.paths[0] ?? '';
  const sequences: TaggedSequence[] = [];
  let text = '';
  for await (const piece of textOf(source)) text += piece;
  let current: { line: number; tokens: string[]; tags: string[] } | undefined;
  text.split(/\r\n|\n|\r/).forEach((raw, index) => {
    if (raw.trim() === '') {
      current = undefined;
      return;
    }
    if (raw.startsWith('# ') || raw.startsWith('-DOCSTART-')) return;
    const cells = raw.includes('\t') ? raw.split('\t').map((cell) => cell.trim()) : raw.trim().split(/\s+/);
    const [token, tag] = cells;
    if (cells.length !== 2 || !token || !tag) {
      throw new DataError('data-format', `${path}, line ${index + 1} has ${cells.length} ${cells.length === 1 ? 'column' : 'columns'}: a line holds a token and its tag, separated by a tab, and an empty line ends a sequence.`, path);
    }
    if (!current) {
      current = { line: index + 1, tokens: [], tags: [] };
      sequences.push(current);
    }
    current.tokens.push(token);
    current.tags.push(tag);
  });
  return sequences;
}
