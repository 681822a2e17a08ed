/** A place in a text as editors and compilers count: both from 1, columns in UTF-16 code units. */
export interface LineColumn {
  readonly line: number;
  readonly column: number;
}

/** Line and column of an offset; line ends are LF, CR LF or CR. An offset behind the end counts as the end. */
export function lineColumn(text: string, offset: number): LineColumn {
  // Between CR and LF the line has not ended yet.
  const behindCr = text[offset] === '\n' && text[offset - 1] === '\r' ? 1 : 0;
  const lines = text.slice(0, offset - behindCr).split(/\r\n|\r|\n/);
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + behindCr + 1 };
}
