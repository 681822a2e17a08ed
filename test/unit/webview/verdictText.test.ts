import { describe, expect, it } from 'vitest';
import { typeset, verdictTitle } from '../../../webview/inspector/verdict/verdictText';

describe('a sentence of the diagnosis', () => {
  it.each([
    ['9e-11 (8.5e-11 to 1e-10) is left', '9·10⁻¹¹ (8.5·10⁻¹¹ to 10⁻¹⁰) is left'],
    ['it grows 3e+12-fold', 'it grows 3·10¹²-fold'],
    ['layer 2 explains 92 % of 1,024', 'layer 2 explains 92 % of 1,024'],
    ['it falls (-0.28 decades a step) in a long-range task', 'it falls (−0.28 decades a step) in a long-range task'],
  ])('is set with powers of ten: %s', (sentence, expected) => expect(typeset(sentence)).toBe(expected));
});

describe('the title of a verdict', () => {
  const measured = { wantedLag: 40, lags: [0, 1, 4, 16, 40], carry: [1, 0.4, 0.02, 0.001, 1e-9] };

  it('names the lag that is wanted and the last one that is carried, where the state cannot carry', () => {
    expect(verdictTitle({ verdict: 'cannot-carry', ...measured })).toBe('Cannot carry: the data want lag 40, the weights carry to lag 4');
    expect(verdictTitle({ verdict: 'healthy', ...measured })).toBe('Healthy');
  });
});
