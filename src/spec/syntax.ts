import { createScanner, printParseErrorCode, type ParseError } from 'jsonc-parser';
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

/** Brackets within brackets that are read: a spec needs six, and the parser's stack holds some thousands. */
const deepest = 100;

/** What is wrong with a text whose brackets stand deeper than any spec's, at the first that does; undefined when they do not. */
export function nestingProblem(text: string): Problem | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  // The last token, the end of the file, is empty; the first character of the others tells brackets from texts and comments.
  for (scanner.scan(); scanner.getTokenLength() > 0; scanner.scan()) {
    const start = scanner.getTokenOffset();
    const first = text.charAt(start);
    depth += first === '{' || first === '[' ? 1 : first === '}' || first === ']' ? -1 : 0;
    if (depth <= deepest) continue;
    return { severity: 'error', code: 'syntax', message: `Brackets stand more than ${deepest} deep here; a spec needs six. Check that this is the file you mean.`, range: { start, end: start + 1 } };
  }
  return undefined;
}
