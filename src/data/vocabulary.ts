import type { TokenKind } from '../spec/schema';
import { DataError } from './files';
import { tokensOf } from './tokenize';

/**
 * The kinds of token of a text, in a fixed order: characters by code point, bytes by value,
 * words and spaced tokens by falling frequency, then code points. A token's number is its place in `tokens`.
 */
export interface Vocabulary {
  readonly kind: TokenKind;
  /** The text of each token; a byte is the character of the same code (Latin-1). */
  readonly tokens: readonly string[];
  /** Number of the token that stands for everything left out; absent when nothing was. */
  readonly unknown?: number;
  /** Names of the outputs, where the model predicts something else than these tokens: classes or tags, by number. */
  readonly labels?: readonly string[];
}

/** The two vocabularies of a translation. */
export interface TranslationVocabularies {
  readonly kind: 'translation';
  readonly source: Vocabulary;
  readonly target: Vocabulary;
}

/** Numbers of the tokens at the edges of a target: the decoder reads `start` first and writes `end` last. They stand behind its vocabulary. */
export function targetEdges({ target }: TranslationVocabularies): { readonly start: number; readonly end: number } {
  return { start: target.tokens.length, end: target.tokens.length + 1 };
}

/** What the decoder reads first and writes last, as a person reads it. */
const edgeTexts = { start: '⟨start⟩', end: '⟨end⟩' } as const;

/** A token of a translation's target, or one of its edges, as a person reads it. */
export function targetText(number: number, vocabularies: TranslationVocabularies): string {
  const { start, end } = targetEdges(vocabularies);
  return number === start ? edgeTexts.start : number === end ? edgeTexts.end : tokenText(number, vocabularies.target);
}

/** Text of `vocabulary.json`. */
export function formatVocabulary({ kind, tokens, unknown, labels }: Vocabulary): string {
  return `${JSON.stringify({ kind, tokens, unknown, labels })}\n`;
}

/** What stands for left-out tokens in texts that are shown. */
export const unknownText: Readonly<Record<TokenKind, string>> = { char: '\uFFFD', word: '\uFFFD', byte: '?', spaced: '\uFFFD' };

/** Numbers by token text, without the unknown token. */
export function tokenNumbers(vocabulary: Vocabulary): Map<string, number> {
  const numbers = new Map<string, number>();
  vocabulary.tokens.forEach((token, number) => {
    if (number !== vocabulary.unknown) numbers.set(token, number);
  });
  return numbers;
}

/**
 * Token numbers of a short text (a prompt, the Inspector's sample). Throws a DataError
 * naming the tokens that the vocabulary lacks, when it has no unknown token.
 */
export function encode(text: string, vocabulary: Vocabulary): Int32Array {
  const numbers = tokenNumbers(vocabulary);
  const missing = new Set<string>();
  const encoded = tokensOf(text, vocabulary.kind).map((token) => {
    const number = numbers.get(token) ?? vocabulary.unknown;
    if (number === undefined) missing.add(token);
    return number ?? 0;
  });
  if (missing.size > 0) {
    const few = [...missing].slice(0, 5).map((token) => JSON.stringify(token)).join(', ');
    const more = missing.size > 5 ? ` and ${missing.size - 5} more` : '';
    throw new DataError('data-unknown-token', `The text holds ${few}${more}, which the training data never do. Use only what occurs in the data, or train on data that hold it.`);
  }
  return Int32Array.from(encoded);
}

/** The text of a sequence of token numbers; bytes that are no UTF-8 become U+FFFD. */
export function decode(numbers: ArrayLike<number>, vocabulary: Vocabulary): string {
  const texts = Array.from(numbers, (number) => vocabulary.tokens[number] ?? unknownText[vocabulary.kind]);
  if (vocabulary.kind !== 'byte') return texts.join(vocabulary.kind === 'spaced' ? ' ' : '');
  return new TextDecoder().decode(Uint8Array.from(texts, (text) => text.charCodeAt(0)));
}

/** One output as a person reads it: a label, or else a token. */
export function outputText(number: number, vocabulary: Vocabulary): string {
  return vocabulary.labels?.[number] ?? tokenText(number, vocabulary);
}

/** One token as a person reads it: as it is, and a byte outside printable ASCII as `0xE9`. */
export function tokenText(number: number, vocabulary: Vocabulary): string {
  const token = vocabulary.tokens[number] ?? unknownText[vocabulary.kind];
  if (vocabulary.kind !== 'byte' || number === vocabulary.unknown) return token;
  const byte = token.charCodeAt(0);
  return byte >= 0x20 && byte < 0x7f ? token : `0x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
