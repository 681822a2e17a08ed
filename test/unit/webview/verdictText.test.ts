import { describe, expect, it } from 'vitest';
import { typeset } from '../../../webview/inspector/verdict/verdictText';

describe('a sentence of the diagnosis', () => {
  it.each([
    ['9e-11 (8.5e-11 to 1e-10) is left', '9·10⁻¹¹ (8.5·10⁻¹¹ to 10⁻¹⁰) is left'],
    ['it grows 3e+12-fold', 'it grows 3·10¹²-fold'],
    ['layer 2 explains 92 % of 1,024', 'layer 2 explains 92 % of 1,024'],
  ])('is set with powers of ten: %s', (sentence, expected) => expect(typeset(sentence)).toBe(expected));
});
