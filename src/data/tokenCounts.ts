import type { TaskSpec, TokenKind } from '../spec/schema';
import { bytesOf, textOf, type TextSource } from './decode';
import { spacedStream, wordStream, type TokenStream } from './tokenize';
import { unknownText, type Vocabulary } from './vocabulary';

/** What one pass over a text finds. */
export interface TokenCounts {
  readonly kind: TokenKind;
  /** How often each token occurs, in order of the vocabulary (see `Vocabulary`). */
  readonly kinds: readonly { readonly token: string; readonly count: number }[];
  /** Number of tokens in all. */
  readonly total: number;
}

const codePoints = 0x110000;

/** Counts the tokens of a text in one pass. Throws a DataError for a text that cannot be read. */
export async function countTokens(kind: TokenKind, source: TextSource): Promise<TokenCounts> {
  switch (kind) {
    case 'char':
      return tableCounts(kind, await countCharacters(source), (code) => String.fromCodePoint(code));
    case 'byte':
      return tableCounts(kind, await countBytes(source), (code) => String.fromCharCode(code));
    case 'word':
      return orderedCounts(kind, await countStreamed(source, wordStream()));
    case 'spaced':
      return orderedCounts(kind, await countStreamed(source, spacedStream()));
  }
}

async function countCharacters(source: TextSource): Promise<Float64Array> {
  const table = new Float64Array(codePoints);
  for await (const piece of textOf(source)) {
    for (let i = 0; i < piece.length; i++) {
      const code = piece.codePointAt(i) ?? 0;
      if (code > 0xffff) i++;
      table[code] = (table[code] ?? 0) + 1;
    }
  }
  return table;
}

async function countBytes(source: TextSource): Promise<Float64Array> {
  const table = new Float64Array(256);
  for await (const piece of bytesOf(source)) for (const byte of piece) table[byte] = (table[byte] ?? 0) + 1;
  return table;
}

async function countStreamed(source: TextSource, stream: TokenStream): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const add = (tokens: readonly string[]): void => {
    for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  };
  for await (const piece of textOf(source)) add(stream.push(piece));
  add(stream.end());
  return counts;
}

function tableCounts(kind: TokenKind, table: Float64Array, text: (code: number) => string): TokenCounts {
  const kinds: { token: string; count: number }[] = [];
  let total = 0;
  table.forEach((count, code) => {
    if (count === 0) return;
    kinds.push({ token: text(code), count });
    total += count;
  });
  return { kind, kinds, total };
}

/** Counted tokens in order of the vocabulary: by code points, words and spaced tokens first by falling frequency. */
export function orderedCounts(kind: TokenKind, counts: ReadonlyMap<string, number>): TokenCounts {
  const byFrequency = kind === 'word' || kind === 'spaced';
  const kinds = Array.from(counts, ([token, count]) => ({ token, count }));
  kinds.sort((a, b) => (byFrequency ? b.count - a.count : 0) || byCodePoint(a.token, b.token));
  return { kind, kinds, total: kinds.reduce((sum, { count }) => sum + count, 0) };
}

/** Order by code points; JavaScript's own compares UTF-16 units, which differs above U+FFFF. */
export function byCodePoint(a: string, b: string): number {
  const left = Array.from(a);
  const right = Array.from(b);
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Limits of a vocabulary, as in the spec. */
export type VocabularyLimits = Extract<TaskSpec, { kind: 'language-model' }>['vocabulary'];

/** The vocabulary of counted tokens; what the limits leave out becomes one unknown token, the last. */
export function vocabularyOf({ kind, kinds }: TokenCounts, limits: VocabularyLimits = {}): Vocabulary {
  const { max = Infinity, minCount = 1 } = limits;
  const frequent = kinds.filter(({ count }) => count >= minCount);
  // Sorting is stable, so equally frequent tokens keep the vocabulary's own order.
  const kept = frequent.length <= max ? frequent : keepOrder(frequent, [...frequent].sort((a, b) => b.count - a.count).slice(0, max));
  const tokens = kept.map(({ token }) => token);
  return kept.length === kinds.length ? { kind, tokens } : { kind, tokens: [...tokens, unknownText[kind]], unknown: tokens.length };
}

function keepOrder<T>(all: readonly T[], kept: readonly T[]): T[] {
  const wanted = new Set(kept);
  return all.filter((entry) => wanted.has(entry));
}
