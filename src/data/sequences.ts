import { tokenArray, type TokenArray } from './encodeText';
import { DataError } from './files';
import { orderedCounts, vocabularyOf, type VocabularyLimits } from './tokenCounts';
import { tokenNumbers, type Vocabulary } from './vocabulary';
import type { TokenKind } from '../spec/schema';

/** Sequences of token numbers, one behind the other. */
export interface Sequences {
  readonly tokens: TokenArray;
  /** Where each begins, and the end [n+1]. */
  readonly starts: Int32Array;
}

/** Tokens of sequences as texts, and where each stands for a person ("names.csv, line 7"). */
export interface TokenLists {
  readonly path: string;
  readonly count: number;
  at(index: number): readonly string[];
  where(index: number): string;
}

/** Sequences that are worked through between two breaks. */
const between = 64;

/** The longest sequence: all its states are kept for backpropagation. */
export const mostTimesteps = 10_000;

/** Length of a sequence. */
export function lengthOf({ starts }: Sequences, index: number): number {
  return (starts[index + 1] ?? 0) - (starts[index] ?? 0);
}

/** The token numbers of a sequence. */
export function sequenceOf({ tokens, starts }: Sequences, index: number): TokenArray {
  return tokens.subarray(starts[index], starts[index + 1]);
}

/** The vocabulary of all sequences. */
export async function vocabularyOfLists(kind: TokenKind, lists: TokenLists, limits: VocabularyLimits, pause: () => Promise<void> | undefined): Promise<Vocabulary> {
  const counts = new Map<string, number>();
  for (let i = 0; i < lists.count; i++) {
    for (const token of lists.at(i)) counts.set(token, (counts.get(token) ?? 0) + 1);
    if (i % between === 0) await pause();
  }
  return vocabularyOf(orderedCounts(kind, counts), limits);
}

/**
 * All sequences in numbers. Throws a DataError that names the line of a sequence that is empty or
 * too long, or that holds a token outside the vocabulary (of an earlier run, then).
 */
export async function encodeLists(lists: TokenLists, vocabulary: Vocabulary, pause: () => Promise<void> | undefined): Promise<Sequences> {
  const starts = new Int32Array(lists.count + 1);
  for (let i = 0; i < lists.count; i++) {
    const { length } = lists.at(i);
    if (length === 0) throw emptySequence(lists, i);
    if (length > mostTimesteps) throw tooLong(lists, i, vocabulary.kind);
    starts[i + 1] = (starts[i] ?? 0) + length;
    if (i % between === 0) await pause();
  }
  const tokens = tokenArray(starts[lists.count] ?? 0, vocabulary.tokens.length);
  const numbers = tokenNumbers(vocabulary);
  for (let i = 0; i < lists.count; i++) {
    lists.at(i).forEach((token, t) => {
      const number = numbers.get(token) ?? vocabulary.unknown;
      if (number === undefined) throw notOfTheRun(lists, i, token);
      tokens[(starts[i] ?? 0) + t] = number;
    });
    if (i % between === 0) await pause();
  }
  return { tokens, starts };
}

/** A row without a token. */
export function emptySequence({ path, where }: Pick<TokenLists, 'path' | 'where'>, index: number): DataError {
  return new DataError('data-empty', `${where(index)}: the sequence is empty. Fill it in, or remove the row.`, path);
}

function tooLong({ path, where, at }: TokenLists, index: number, kind: TokenKind): DataError {
  const advice = kind === 'char' || kind === 'byte' ? 'Shorten it, or use "word" for "tokens".' : 'Cut it into several.';
  return new DataError('data-too-long', `${where(index)}: the sequence has ${at(index).length} tokens; at most ${mostTimesteps} can be learnt at once. ${advice}`, path);
}

/** A token or label that an earlier run's vocabulary lacks. */
export function notOfTheRun({ path, where }: Pick<TokenLists, 'path' | 'where'>, index: number, what: string): DataError {
  return new DataError('data-changed', `${where(index)} now holds ${JSON.stringify(what)}, which was not there when the run began. Start a new training, or put the old data back to continue this one.`, path);
}
