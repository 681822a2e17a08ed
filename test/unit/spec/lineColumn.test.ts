import { expect, it } from 'vitest';
import { lineColumn } from '../../../src/spec/lineColumn';

it.each([
  ['the beginning', 'abc', 0, 1, 1],
  ['the place behind LF', 'a\nbc', 3, 2, 2],
  ['the place behind CR LF', 'a\r\nbc', 3, 2, 1],
  ['the place between CR and LF', 'a\r\nbc', 2, 1, 3],
  ['the place behind CR alone', 'a\rb', 2, 2, 1],
  ['the end of the text for what lies behind it', 'a\n', 9, 2, 1],
])('counts %s from 1', (_, text, offset, line, column) => {
  expect(lineColumn(text, offset)).toEqual({ line, column });
});
