import { describe, expect, it } from 'vitest';
import { findInvalidUtf8, textOf } from '../../../src/data/decode';
import { encodeText } from '../../../src/data/encodeText';
import type { DataError } from '../../../src/data/files';
import { countTokens, vocabularyOf } from '../../../src/data/tokenCounts';
import { spacedStream, tokensOf, wordStream } from '../../../src/data/tokenize';
import { parseStoredData } from '../../../src/data/parseStored';
import { decode, encode, formatVocabulary, outputText, tokenText } from '../../../src/data/vocabulary';
import { memoryFiles } from './files';

const tricky = 'Ahab’s “whale”, 𝒜𝓑 — don\'t stop!\r\n\tnaïve café 日本語\n\n42nd';

const source = (content: string | Uint8Array, pieceSize?: number) => ({ files: memoryFiles({ 'a.txt': content }, pieceSize), paths: ['a.txt'] });
const rejection = async (work: Promise<unknown>): Promise<DataError> => work.then(() => expect.unreachable(), (error: DataError) => error);

async function all(pieces: AsyncIterable<string>) {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

describe('tokens', () => {
  it.each(['char', 'word'] as const)('of kind %s join to the text again', (kind) => {
    expect(tokensOf(tricky, kind).join('')).toBe(tricky);
  });

  it('are whole code points, not halves of a surrogate pair', () => {
    expect(tokensOf('a𝒜', 'char')).toEqual(['a', '𝒜']);
  });

  it('are words with inner apostrophes, and every other character by itself', () => {
    expect(tokensOf("don't  stop, ok", 'word')).toEqual(["don't", ' ', ' ', 'stop', ',', ' ', 'ok']);
    expect(tokensOf("'tis' x’", 'word')).toEqual(["'", 'tis', "'", ' ', 'x', '’']);
  });

  it('are what stands between white space, however the stream is cut', () => {
    const text = '  F OW1\tT\r\n\nOW0 𝒜 ';
    expect(tokensOf(text, 'spaced')).toEqual(['F', 'OW1', 'T', 'OW0', '𝒜']);
    for (const size of [1, 2, 3, 5, 64]) {
      const stream = spacedStream();
      const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'gu')) ?? [];
      expect([...pieces.flatMap((piece) => stream.push(piece)), ...stream.end()]).toEqual(tokensOf(text, 'spaced'));
    }
  });

  it('are the same wherever the pieces of a stream end', () => {
    const text = `${tricky} ${'x'.repeat(350)} o'${'y'.repeat(120)}'z don't a'b'c'd'e'f'g`;
    for (const size of [1, 2, 3, 5, 64, 101]) {
      const stream = wordStream();
      // Pieces of a decoded stream end between characters, never inside a surrogate pair.
      const characters = Array.from(text);
      const pieces = Array.from({ length: Math.ceil(characters.length / size) }, (_, i) => characters.slice(i * size, (i + 1) * size).join(''));
      expect([...pieces.flatMap((piece) => stream.push(piece)), ...stream.end()]).toEqual(tokensOf(text, 'word'));
    }
  });
});

describe('a text file', () => {
  it.each([1, 2, 3, 4, 1000])('is decoded alike in pieces of %i bytes', async (size) => {
    expect(await all(textOf(source(tricky, size)))).toBe(tricky);
  });

  it('keeps CR LF and drops a byte order mark', async () => {
    expect(await all(textOf(source('\uFEFFa\r\nb', 1)))).toBe('a\r\nb');
  });

  it('is read behind the one before when there are several', async () => {
    expect(await all(textOf({ files: memoryFiles({ a: 'one ', b: 'two' }), paths: ['a', 'b'] }))).toBe('one two');
  });

  it('must not be empty', async () => {
    expect(await rejection(all(textOf(source(''))))).toMatchObject({ code: 'data-empty', path: 'a.txt', message: expect.stringContaining('a.txt is empty') });
  });

  it('must not hold NUL bytes, and says where the first is', async () => {
    const error = await rejection(all(textOf(source(Uint8Array.of(65, 66, 67, 0, 68), 2))));
    expect(error).toMatchObject({ code: 'data-binary', message: expect.stringContaining('byte 3 is zero') });
  });

  it('must not be UTF-16, and is told to be', async () => {
    const utf16 = Uint8Array.of(0xff, 0xfe, 65, 0);
    const error = await rejection(all(textOf(source(utf16, 4))));
    expect(error).toMatchObject({ code: 'data-encoding', message: 'a.txt is UTF-16, not UTF-8. Save it as UTF-8, or read it with "tokens": "byte".' });
    const table = await rejection(all(textOf({ ...source(utf16, 4), form: 'table' })));
    expect(table.message).toBe('a.txt is UTF-16, not UTF-8. Save it as UTF-8.');
  });

  it('must be UTF-8, and says which byte in which line is not', async () => {
    const latin1 = Uint8Array.from('one\ntwo\ncaf\xe9 au lait', (c) => c.charCodeAt(0));
    const error = await rejection(all(textOf(source(latin1, 5))));
    expect(error).toMatchObject({ code: 'data-encoding', message: expect.stringContaining('byte 11 (line 3) is 0xE9') });
  });

  it.each([
    ['a lone continuation byte', [0x41, 0x80], 1],
    ['an overlong form', [0xc0, 0xaf], 0],
    ['an overlong form of three bytes', [0x41, 0xe0, 0x80, 0x80], 1],
    ['a surrogate', [0xed, 0xa0, 0x80], 0],
    ['a code point above U+10FFFF', [0xf4, 0x90, 0x80, 0x80], 0],
    ['a sequence cut off by the end', [0x41, 0x42, 0xe2, 0x82], 2],
    ['a sequence cut off by a letter', [0xe2, 0x82, 0x41], 0],
  ])('is refused for %s, as TextDecoder does', async (_, bytes, offset) => {
    const content = Uint8Array.from(bytes);
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(content)).toThrow();
    for (const size of [1, 100]) expect(await findInvalidUtf8(source(content, size).files.open('a.txt'))).toMatchObject({ offset });
  });

  it('is accepted when it is well-formed', async () => {
    expect(await findInvalidUtf8(source(tricky, 3).files.open('a.txt'))).toBeUndefined();
  });
});

describe('a vocabulary', () => {
  const vocabularyFor = async (kind: 'char' | 'word' | 'byte', text: string, limits = {}) => vocabularyOf(await countTokens(kind, source(text)), limits);

  it('orders characters by code point', async () => {
    expect((await vocabularyFor('char', 'b￿𝒜aé')).tokens).toEqual(['a', 'b', 'é', '￿', '𝒜']);
  });

  it('orders words by frequency, then code point', async () => {
    expect((await vocabularyFor('word', 'b a b c')).tokens).toEqual([' ', 'b', 'a', 'c']);
  });

  it('holds only bytes that occur, by value', async () => {
    expect((await vocabularyFor('byte', 'bé')).tokens).toEqual(['b', '\xa9', '\xc3']);
  });

  it('puts what its limits leave out into one unknown token, the last', async () => {
    expect(await vocabularyFor('char', 'aaabbc', { max: 2 })).toEqual({ kind: 'char', tokens: ['a', 'b', '\uFFFD'], unknown: 2 });
    expect(await vocabularyFor('char', 'cbbaaa', { minCount: 2 })).toEqual({ kind: 'char', tokens: ['a', 'b', '\uFFFD'], unknown: 2 });
    expect(await vocabularyFor('char', 'abc', { max: 3 })).toEqual({ kind: 'char', tokens: ['a', 'b', 'c'] });
  });

  it.each(['char', 'word', 'byte'] as const)('of kind %s encodes and decodes every text it was made of', async (kind) => {
    const vocabulary = await vocabularyFor(kind, tricky);
    expect(decode(encode(tricky, vocabulary), vocabulary)).toBe(tricky);
  });

  it('orders spaced tokens by frequency, encodes a streamed file with them, and puts spaces back between', async () => {
    const vocabulary = vocabularyOf(await countTokens('spaced', source('b c  c\na c b', 2)));
    expect(vocabulary.tokens).toEqual(['c', 'b', 'a']);
    expect([...(await encodeText(vocabulary, 6, source('b c  c\na c b', 2)))]).toEqual([1, 0, 0, 2, 0, 1]);
    expect(decode(encode('a  b', vocabulary), vocabulary)).toBe('a b');
  });

  it('keeps the names of labels in its file', () => {
    const labelled = { kind: 'char', tokens: ['a', 'b'], labels: ['yes', 'no'] } as const;
    expect(parseStoredData(formatVocabulary(labelled))).toEqual(labelled);
    expect(outputText(1, labelled)).toBe('no');
    expect(outputText(1, { kind: 'char', tokens: ['a', 'b'] })).toBe('b');
  });

  it('survives its file', async () => {
    const vocabulary = await vocabularyFor('word', tricky, { max: 5 });
    expect(parseStoredData(formatVocabulary(vocabulary))).toEqual(vocabulary);
  });

  it.each(['', '{', '{"kind":"char","tokens":[]}', '{"kind":"char","tokens":["a"],"unknown":4}'])('refuses the damaged file %j', (json) => {
    expect(() => parseStoredData(json)).toThrow(/damaged/);
  });

  it('names the tokens of a text that it lacks', async () => {
    const vocabulary = await vocabularyFor('char', 'abc');
    expect(() => encode('axbyz', vocabulary)).toThrow(/"x", "y", "z"/);
    expect([...encode('ax', await vocabularyFor('char', 'aabc', { minCount: 2 }))]).toEqual([0, 1]);
  });

  it('shows bytes outside ASCII by their value', async () => {
    const vocabulary = await vocabularyFor('byte', 'a\né');
    expect(vocabulary.tokens.map((_, number) => tokenText(number, vocabulary))).toEqual(['0x0A', 'a', '0xA9', '0xC3']);
  });
});

describe('an encoded text', () => {
  it('is in the narrowest array that holds its numbers', async () => {
    const few = { kind: 'char', tokens: ['a', 'b'] } as const;
    expect(await encodeText(few, 3, source('aba'))).toEqual(Uint8Array.of(0, 1, 0));
    const many = { kind: 'char' as const, tokens: Array.from({ length: 300 }, (_, i) => String.fromCodePoint(i + 32)) };
    expect(await encodeText(many, 1, source(String.fromCodePoint(331)))).toEqual(Uint16Array.of(299));
  });

  it.each(['char', 'word', 'byte'] as const)('of kind %s decodes to the text', async (kind) => {
    const counts = await countTokens(kind, source(tricky, 3));
    const vocabulary = vocabularyOf(counts);
    expect(decode(await encodeText(vocabulary, counts.total, source(tricky, 5)), vocabulary)).toBe(tricky);
  });

  it('tells when the file changed since it was counted', async () => {
    const vocabulary = { kind: 'char', tokens: ['a', 'b'] } as const;
    expect(await rejection(encodeText(vocabulary, 3, source('abab')))).toMatchObject({ code: 'data-changed' });
    expect(await rejection(encodeText(vocabulary, 2, source('ax')))).toMatchObject({ code: 'data-changed', message: expect.stringContaining('"x"') });
  });
});
