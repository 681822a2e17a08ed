import { bytesOf, textOf, type TextSource } from './decode';
import { DataError } from './files';
import { spacedStream, wordStream, type TokenStream } from './tokenize';
import { tokenNumbers, type Vocabulary } from './vocabulary';

/** A whole text as token numbers, in the narrowest array that holds them. */
export type TokenArray = Uint8Array | Uint16Array | Int32Array;

/** A zeroed token array for so many kinds of token. */
export function tokenArray(length: number, kinds: number): TokenArray {
  if (kinds <= 0x100) return new Uint8Array(length);
  return kinds <= 0x10000 ? new Uint16Array(length) : new Int32Array(length);
}

/**
 * Encodes a text in one pass into a token array of a length that is known beforehand, so that
 * the text is never held beside it. Throws a `data-changed` DataError when length or tokens
 * are not those expected.
 */
export async function encodeText(vocabulary: Vocabulary, length: number, source: TextSource): Promise<TokenArray> {
  const out = tokenArray(length, vocabulary.tokens.length);
  const end = await writers[vocabulary.kind](vocabulary, out, source);
  if (end !== length) throw changed(source, 'its length changed while it was read');
  return out;
}

type Writer = (vocabulary: Vocabulary, out: TokenArray, source: TextSource) => Promise<number>;

/** Each writes the numbers into `out` and returns how many there were. */
const writers: Readonly<Record<Vocabulary['kind'], Writer>> = {
  async char(vocabulary, out, source) {
    const table = numberTable(vocabulary, 0x110000);
    let end = 0;
    for await (const piece of textOf(source)) {
      for (let i = 0; i < piece.length; i++) {
        const code = piece.codePointAt(i) ?? 0;
        if (code > 0xffff) i++;
        const number = table[code] ?? -1;
        if (number < 0) throw outside(source, String.fromCodePoint(code));
        out[end++] = number;
      }
    }
    return end;
  },

  async byte(vocabulary, out, source) {
    const table = numberTable(vocabulary, 256);
    let end = 0;
    for await (const piece of bytesOf(source)) {
      for (const byte of piece) {
        const number = table[byte] ?? -1;
        if (number < 0) throw outside(source, String.fromCharCode(byte));
        out[end++] = number;
      }
    }
    return end;
  },

  word: streamWriter(wordStream),
  spaced: streamWriter(spacedStream),
};

function streamWriter(tokenStream: () => TokenStream): Writer {
  return async (vocabulary, out, source) => {
    const numbers = tokenNumbers(vocabulary);
    const stream = tokenStream();
    let end = 0;
    const write = (tokens: readonly string[]): void => {
      for (const token of tokens) {
        const number = numbers.get(token) ?? vocabulary.unknown;
        if (number === undefined) throw outside(source, token);
        out[end++] = number;
      }
    };
    for await (const piece of textOf(source)) write(stream.push(piece));
    write(stream.end());
    return end;
  };
}

/** Token number by code; −1 where there is none. */
function numberTable(vocabulary: Vocabulary, size: number): Int32Array {
  const table = new Int32Array(size).fill(vocabulary.unknown ?? -1);
  for (const [token, number] of tokenNumbers(vocabulary)) table[token.codePointAt(0) ?? 0] = number;
  return table;
}

function outside(source: TextSource, token: string): DataError {
  return changed(source, `it now holds ${JSON.stringify(token)}, which it did not when the vocabulary was made`);
}

function changed({ paths }: TextSource, what: string): DataError {
  return new DataError('data-changed', `${paths.join(', ')}: ${what}. Start a new training, or put the old text back to continue this one.`, paths[0]);
}
