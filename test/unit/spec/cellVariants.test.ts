import { describe, expect, it } from 'vitest';
import { cellKinds, commonCell, withCell } from '../../../src/spec/cellVariants';
import { isUsable, parseSpec, type ParsedSpec } from '../../../src/spec/parse';
import type { CellKind, Spec } from '../../../src/spec/schema';

const stack = `{
  // Two layers of whales
  "version": 1,
  "name": "moby",
  "task": { "kind": "language-model", "data": "moby.txt", "tokens": "char" },
  "model": {
    "embedding": 8,
    "layers": [
      { "cell": "lstm", "units": 8, "forgetBias": 2 }, // the first
      { "units": 8, "connection": "residual", "cell": "gru", "resetAfter": false, "dropout": 0.1, "gateBias": { "update": 2 } },
      { "cell": "rnn", "units": 8, "activation": "relu", "init": "identity", },
    ],
  },
  "training": { "steps": 5, "seed": 3 },
}
`;

function read(text: string): ParsedSpec & { readonly spec: Spec } {
  const parsed = parseSpec(text);
  if (!isUsable(parsed)) throw new Error(parsed.problems[0]?.message);
  return parsed;
}

describe('a spec with another cell', () => {
  it.each(cellKinds)('has %s in every layer, and no setting that the cell lacks', (cell) => {
    const parsed = read(withCell(read(stack), cell));
    expect(parsed.problems).toEqual([]);
    expect(parsed.spec.model.layers?.map((layer) => layer.cell)).toEqual([cell, cell, cell]);
    expect(parsed.spec.name).toBe(`moby-as-${cell}`);
  });

  it('keeps the settings that its cell has, and everything else', () => {
    const of = (cell: CellKind) => read(withCell(read(stack), cell)).spec;
    expect(of('lstm').model.layers?.[0]).toMatchObject({ forgetBias: 2, units: 8 });
    expect(of('gru').model.layers?.[1]).toMatchObject({ resetAfter: false, connection: 'residual', dropout: 0.1, gateBias: { update: 2 } });
    expect(of('rnn').model.layers?.[2]).toMatchObject({ activation: 'relu', init: 'identity' });
    expect(of('gru').training).toEqual(read(stack).spec.training);
    expect(withCell(read(stack), 'gru')).toContain('// Two layers of whales');
    expect(withCell(read(stack), 'gru')).toContain('// the first');
  });

  it('is the spec itself, untouched, when it has that cell everywhere', () => {
    const lstm = withCell(read(stack), 'lstm');
    expect(commonCell(read(lstm).spec)).toBe('lstm');
    expect(withCell(read(lstm), 'lstm')).toBe(lstm);
    expect(commonCell(read(stack).spec)).toBeUndefined();
  });

  it('changes encoder and decoder of a translation model', () => {
    const translation = stack
      .replace(/"task": .*\n/, '"task": { "kind": "translation", "data": "a.tsv", "source": "a", "target": "b", "tokens": "char" },\n')
      .replace(/"layers": \[[^]*?\n {4}\],/, '"encoder": { "layers": [{ "cell": "lstm", "units": 4, "bidirectional": true }] }, "decoder": { "layers": [{ "cell": "lstm", "units": 8, "forgetBias": 3 }] },');
    const { model } = read(withCell(read(translation), 'gru')).spec;
    expect(model.encoder?.layers[0]).toMatchObject({ cell: 'gru', bidirectional: true });
    expect(model.decoder?.layers[0]).toMatchObject({ cell: 'gru', units: 8 });
  });

  it('keeps its name within what a folder may be called', () => {
    const long = read(stack.replace('moby"', `${'m'.repeat(99)}"`));
    expect(read(withCell(long, 'gru')).spec.name).toHaveLength(100);
  });
});
