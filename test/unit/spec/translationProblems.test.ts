import { describe, expect, it } from 'vitest';
import { architectureOf } from '../../../src/spec/architecture';
import { parseSpec } from '../../../src/spec/parse';

const specText = (encoder: string, decoder: string, more = '"embedding": 8, ') =>
  `{ "version": 1, "name": "m", "task": { "kind": "translation", "data": "p.tsv", "source": "a", "target": "b", "tokens": "char" }, "model": { ${more}"encoder": { "layers": [${encoder}] }, "decoder": { ${decoder} } } }`;
const layer = (units: string, more = '') => `{ "cell": "lstm", "units": ${units}${more} }`;

/** Problems with the text that each points at. */
function problemsOf(text: string) {
  return parseSpec(text).problems.map(({ code, severity, message, range, suggestion }) => ({ code, severity, message, at: text.slice(range.start, range.end), fix: suggestion?.text }));
}

const handOverOf = (text: string) => architectureOf(parseSpec(text).spec!, { input: { kind: 'tokens', vocabulary: 5 }, outputs: 5, loss: 'tokens', sourceVocabulary: 6 }).encoder?.handOver;

describe('encoder and decoder', () => {
  it('fit when the layers beside each other have one size', () => {
    const text = specText(layer('8, "bidirectional": true'), `"layers": [${layer('16')}], "attention": "dot"`);
    expect(problemsOf(text)).toEqual([]);
    expect(handOverOf(text)).toEqual([0]);
  });

  it('need one size at the top for dot attention', () => {
    const [problem, ...others] = problemsOf(specText(layer('8'), `"layers": [${layer('8')}, ${layer('12')}], "attention": "dot"`));
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: 'attention-size', severity: 'error', at: '12', fix: '8' });
    expect(problem!.message).toContain('the encoder gives 8, the decoder 12');
  });

  it('count what dense connections add', () => {
    expect(problemsOf(specText(layer('8, "connection": "dense"'), `"layers": [${layer('16')}], "attention": "dot"`)).map(({ code }) => code)).toEqual(['hand-over-size']);
    expect(problemsOf(specText(layer('8, "connection": "dense"'), `"layers": [${layer('8')}], "attention": "dot"`)).map(({ code }) => code)).toEqual(['attention-size']);
  });

  it('must be joined by at least one state, or by attention', () => {
    expect(problemsOf(specText(layer('8'), `"layers": [${layer('9')}]`))).toMatchObject([{ code: 'hand-over-size', severity: 'error', at: '9', fix: '8' }]);
  });

  it('are warned about a layer that no state is handed to', () => {
    const text = specText(`${layer('8')}, ${layer('4')}`, `"layers": [${layer('8')}, ${layer('6')}]`);
    expect(problemsOf(text)).toMatchObject([{ code: 'hand-over-size', severity: 'warning', at: '6' }]);
    expect(handOverOf(text)).toEqual([0, undefined]);
  });

  it('stand beside each other from the top when the encoder is deeper, from the bottom when the decoder is', () => {
    expect(handOverOf(specText(`${layer('8, "repeat": 3')}`, `"layers": [${layer('8, "repeat": 2')}]`))).toEqual([1, 2]);
    expect(handOverOf(specText(layer('8'), `"layers": [${layer('8, "repeat": 2')}]`))).toEqual([0, undefined]);
  });
});
