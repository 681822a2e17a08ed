import { parse } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { initialNetworks } from '../../../src/diagnosis/initial/network';
import { depthOf, editOf, imagined, type WhatIf } from '../../../src/diagnosis/initial/whatIf';
import { editedText } from '../../../src/spec/editText';
import { parseSpec } from '../../../src/spec/parse';

const specOf = (layers: object[]): string => JSON.stringify({ version: 1, name: 'n', task: { kind: 'synthetic', problem: 'adding', length: 20 }, model: { layers } }, undefined, 2);
const stackOf = (text: string) => initialNetworks(parseSpec(text).spec!)[0]!;

/** The layers of a spec after the edit that a what-if amounts to. */
function layersAfter(layers: object[], whatIf: WhatIf): unknown {
  const text = specOf(layers);
  return (parse(editedText(text, editOf(stackOf(text), whatIf))) as { model: { layers: unknown } }).model.layers;
}

const lstm = { cell: 'lstm', units: 16, forgetBias: 2 };
const gru = { cell: 'gru', units: 8 };

describe('what if', () => {
  it.each<[string, object[], WhatIf]>([
    ['nothing', [lstm, gru], {}],
    ['another bias', [lstm, gru], { keepBias: 4 }],
    ['another cell', [lstm, { cell: 'rnn', units: 8, activation: 'relu' }], { cell: 'gru', keepBias: 1 }],
    ['a vanilla cell', [lstm], { cell: 'rnn' }],
    ['an LSTM in place of a GRU', [{ ...gru, gateBias: { update: 2 } }], { cell: 'lstm', keepBias: 3 }],
    ['other sizes and weights', [lstm, gru], { units: 32, init: 'orthogonal' }],
    ['more layers', [lstm, gru], { depth: 4 }],
    ['fewer layers', [lstm, { ...gru, repeat: 3 }, gru], { depth: 2, units: 4 }],
    ['one layer', [lstm, gru, gru], { depth: 1 }],
  ])('is what the spec begins with after its edit: %s', (_, layers, whatIf) => {
    const text = specOf(layers);
    const stack = stackOf(text);
    const edited = parseSpec(editedText(text, editOf(stack, whatIf)));
    expect(edited.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(imagined(stackOf(edited.text).network, {})).toEqual(imagined(stack.network, whatIf));
  });

  it('changes nothing when nothing differs', () => {
    const text = specOf([lstm, gru]);
    expect(editOf(stackOf(text), { keepBias: undefined, units: undefined, recurrentScale: 2 })).toEqual([]);
    expect(editOf(stackOf(specOf([lstm])), { keepBias: 2, units: 16, depth: 1, cell: 'lstm', init: 'uniform' })).toEqual([]);
  });

  it('counts repeated layers', () => {
    expect(depthOf(stackOf(specOf([lstm, { ...gru, repeat: 3 }])).network)).toBe(4);
  });

  it('leaves the other settings of a layer', () => {
    expect(layersAfter([{ ...lstm, dropout: 0.2 }], { keepBias: 5, depth: 2 })).toEqual([{ ...lstm, dropout: 0.2, forgetBias: 5, repeat: 2 }]);
  });
});
