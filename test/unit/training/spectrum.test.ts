import { describe, expect, it } from 'vitest';
import { initialParameters } from '../../../src/engine/initialise';
import type { Tensors } from '../../../src/shared/tensor';
import { architectureOf } from '../../../src/spec/architecture';
import { specSchema } from '../../../src/spec/schema';
import { recurrentSpectra } from '../../../src/training/spectrum';

const model = (layers: readonly object[]) => {
  const spec = specSchema.parse({ version: 1, name: 'spectra', task: { kind: 'batch', loss: 'values', features: 4, outputs: 2 }, model: { layers } });
  return architectureOf(spec, { input: { kind: 'values', features: 4 }, outputs: 2, loss: 'values' });
};

describe('the spectra of recurrent matrices', () => {
  it('are 1 in every direction for an orthogonal initialisation, gate by gate', async () => {
    const architecture = model([{ cell: 'lstm', units: 12, init: 'orthogonal' }]);
    const [spectrum] = await recurrentSpectra(architecture, initialParameters(architecture, 1));
    expect(spectrum?.gates.map(({ gate }) => gate)).toEqual(['i', 'f', 'g', 'o']);
    for (const { singularValues, spectralRadius } of spectrum!.gates) {
      for (const value of singularValues) expect(value).toBeCloseTo(1, 5);
      expect(spectralRadius).toBeCloseTo(1, 5);
    }
  });

  it('tell stretching from what many steps come to: a shear stretches but does not grow', async () => {
    const architecture = model([{ cell: 'rnn', units: 2 }]);
    const parameters: Tensors = new Map([...initialParameters(architecture, 1), ['layers.0.weight_hh_l0', { dtype: 'F64', shape: [2, 2], data: Float64Array.of(0.5, 3, 0, 0.5) }]]);
    const [gate] = (await recurrentSpectra(architecture, parameters))[0]!.gates;
    expect(gate!.spectralRadius).toBeCloseTo(0.5, 12);
    // Singular values of [[a, b], [0, a]]: their product is a², their squares add up to 2a² + b².
    const [first, second] = gate!.singularValues;
    expect(first! * second!).toBeCloseTo(0.25, 12);
    expect(first! ** 2 + second! ** 2).toBeCloseTo(9.5, 12);
  });

  it('cover both directions and every layer, in file order', async () => {
    const architecture = model([{ cell: 'gru', units: 3, bidirectional: true }, { cell: 'rnn', units: 5 }]);
    const spectra = await recurrentSpectra(architecture, initialParameters(architecture, 1));
    expect(spectra.map(({ parameter }) => parameter)).toEqual(['layers.0.weight_hh_l0', 'layers.0.weight_hh_l0_reverse', 'layers.1.weight_hh_l0']);
    expect(spectra.map(({ gates }) => gates.map(({ gate, singularValues }) => `${gate}${singularValues.length}`).join(' '))).toEqual(['r3 z3 n3', 'r3 z3 n3', 'h5']);
  });

  it('stop when they are no longer wanted', async () => {
    const architecture = model([{ cell: 'lstm', units: 4 }]);
    let asked = 0;
    const turn = async () => {
      if (++asked === 2) throw new Error('enough');
    };
    await expect(recurrentSpectra(architecture, initialParameters(architecture, 1), turn)).rejects.toThrow('enough');
    expect(asked).toBe(2);
  });
});
