import { DataError, type DataFiles } from './files';

/** Which files to read, one after the other, and what to ask between their pieces. */
export interface TextSource {
  readonly files: DataFiles;
  /** As written in the spec. */
  readonly paths: readonly string[];
  /** A text can be read byte by byte instead, a table cannot; default: `text`. */
  readonly form?: 'text' | 'table';
  /** Throws to abandon the work. */
  readonly alive?: () => void;
}

/** The bytes of all files. Throws a DataError for a file without any. */
export async function* bytesOf({ files, paths, alive }: TextSource): AsyncGenerator<Uint8Array> {
  for (const path of paths) {
    let size = 0;
    for await (const piece of files.open(path)) {
      alive?.();
      size += piece.length;
      yield piece;
    }
    if (size === 0) throw new DataError('data-empty', `${path} is empty. Put the data to learn from into it, or name another file.`, path);
  }
}

/**
 * The text of all files, strictly UTF-8. A byte order mark at the beginning of a file is no
 * part of its text; line ends stay as they are, so CR LF are two characters.
 * Throws a DataError for NUL bytes (a binary file), for UTF-16, and for bytes that are no UTF-8, with offset and line.
 */
export async function* textOf({ files, paths, alive, form = 'text' }: TextSource): AsyncGenerator<string> {
  const otherwise = form === 'text' ? ', or read it with "tokens": "byte"' : '';
  for (const path of paths) {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    let offset = 0;
    for await (const piece of bytesOf({ files, paths: [path], alive })) {
      if (offset === 0 && isUtf16(piece)) throw new DataError('data-encoding', `${path} is UTF-16, not UTF-8. Save it as UTF-8${otherwise}.`, path);
      const nul = piece.indexOf(0);
      if (nul >= 0) throw new DataError('data-binary', `${path} is no text: byte ${offset + nul} is zero. Name a text file in UTF-8${otherwise}.`, path);
      offset += piece.length;
      yield await decoded(() => decoder.decode(piece, { stream: true }), { files, path, otherwise });
    }
    yield await decoded(() => decoder.decode(), { files, path, otherwise });
  }
}

/** Whether a file begins with the byte order mark of UTF-16, as spreadsheets write "Unicode text". */
function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

async function decoded(decode: () => string, { files, path, otherwise }: { readonly files: DataFiles; readonly path: string; readonly otherwise: string }): Promise<string> {
  try {
    return decode();
  } catch {
    const bad = await findInvalidUtf8(files.open(path));
    const where = bad ? `byte ${bad.offset} (line ${bad.line}) is ${hex(bad.byte)}` : 'it changed while it was read';
    throw new DataError('data-encoding', `${path} is not UTF-8: ${where}. Save it as UTF-8${otherwise}.`, path);
  }
}

const hex = (byte: number): string => `0x${byte.toString(16).toUpperCase().padStart(2, '0')}`;

/** A byte that begins or breaks an ill-formed sequence: offset from 0, line from 1. */
export interface InvalidByte {
  readonly offset: number;
  readonly line: number;
  readonly byte: number;
}

/**
 * Finds the first ill-formed sequence of a stream by the table of well-formed UTF-8
 * (Unicode standard, table 3-7). Slower than TextDecoder, but it knows where.
 */
export async function findInvalidUtf8(pieces: AsyncIterable<Uint8Array>): Promise<InvalidByte | undefined> {
  let offset = 0;
  let line = 1;
  let start: InvalidByte | undefined;
  let wanted = 0;
  let least = 0x80;
  let most = 0xbf;
  for await (const piece of pieces) {
    for (const byte of piece) {
      if (wanted > 0) {
        if (byte < least || byte > most) return start;
        wanted--;
        [least, most] = [0x80, 0xbf];
      } else if (byte === 0x0a) {
        line++;
      } else if (byte >= 0x80) {
        start = { offset, line, byte };
        // Overlong forms, surrogates and code points above U+10FFFF show in the second byte.
        if (byte >= 0xc2 && byte <= 0xdf) wanted = 1;
        else if (byte >= 0xe0 && byte <= 0xef) [wanted, least, most] = [2, byte === 0xe0 ? 0xa0 : 0x80, byte === 0xed ? 0x9f : 0xbf];
        else if (byte >= 0xf0 && byte <= 0xf4) [wanted, least, most] = [3, byte === 0xf0 ? 0x90 : 0x80, byte === 0xf4 ? 0x8f : 0xbf];
        else return start;
      }
      offset++;
    }
  }
  return wanted > 0 ? start : undefined;
}
