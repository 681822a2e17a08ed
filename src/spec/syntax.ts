import { printParseErrorCode, type ParseError } from 'jsonc-parser';
import type { Problem } from '../shared/position';
import { lineColumn } from './lineColumn';

/** By the names that jsonc-parser prints. */
const words: Readonly<Record<string, string>> = {
  InvalidSymbol: 'This is no JSON value. Text stands in double quotes; other values are numbers, true, false, { } and [ ].',
  InvalidNumberFormat: 'This is no number. Write it like 64, 0.002 or 2e-3.',
  PropertyNameExpected: 'A key in double quotes is expected here, as in "units": 128.',
  ValueExpected: 'A value is missing here.',
  ColonExpected: 'A colon is missing between key and value.',
  CommaExpected: 'A comma is missing before this.',
  CloseBraceExpected: 'The closing } is missing.',
  CloseBracketExpected: 'The closing ] is missing.',
  EndOfFileExpected: 'The spec ends at its closing }; nothing may follow it.',
  InvalidCommentToken: 'Comments begin with // or stand between /* and */.',
  UnexpectedEndOfComment: 'This comment is never closed with */.',
  UnexpectedEndOfString: 'The closing double quote of this text is missing.',
  UnexpectedEndOfNumber: 'This number ends too early. Write it like 64, 0.002 or 2e-3.',
  InvalidUnicode: 'A \\u in a text needs four hexadecimal digits, as in \\u00e9.',
  InvalidEscapeCharacter: 'A backslash in a text stands before one of " \\ / b f n r t u. Write \\\\ for the backslash itself.',
  InvalidCharacter: 'This text holds a control character. Write a tab as \\t and a line break as \\n.',
};

/** JSON errors in words. Of several on a line, or with nothing between them, only the first: the rest follow from it. */
export function syntaxProblems(text: string, errors: readonly ParseError[]): Problem[] {
  let told = { line: 0, end: -1 };
  return errors.flatMap(({ error, offset, length }) => {
    const { line } = lineColumn(text, offset);
    const follows = line === told.line || (told.end >= 0 && text.slice(told.end, offset).trim() === '');
    if (follows) return [];
    const start = Math.min(offset, Math.max(0, text.length - 1));
    const range = { start, end: Math.min(text.length, start + Math.max(1, length)) };
    told = { line, end: range.end };
    return [{ severity: 'error', code: 'syntax', message: words[printParseErrorCode(error)] ?? 'This is no JSON.', range }];
  });
}
