import type * as MlMatrix from 'ml-matrix';
import type { Tensor, Tensors } from '../shared/tensor';
import { gateNames, type GateSpectrum, type RecurrentSpectrum } from '../shared/weights';
import type { Architecture } from '../spec/architecture';

/** Eigenvalues take about 30·H³ operations; beyond this many units they would take longer than a person waits. */
export const largestBlock = 256;

/** The linear algebra, read when it is first needed: an engine starts without it. */
type LinearAlgebra = Pick<typeof MlMatrix, 'EVD' | 'Matrix' | 'SVD'>;

/** Spectra of all recurrent matrices of these parameters, in file order. `alive` is asked between blocks, and throws to abandon. */
export async function recurrentSpectra(architecture: Architecture, parameters: Tensors, alive: () => void = () => undefined): Promise<readonly RecurrentSpectrum[]> {
  const algebra = await import('ml-matrix');
  const stacks = architecture.encoder ? [{ prefix: 'encoder.', layers: architecture.encoder.layers }, { prefix: 'decoder.', layers: architecture.layers }] : [{ prefix: '', layers: architecture.layers }];
  return stacks.flatMap(({ prefix, layers }) =>
    layers.flatMap(({ cell, units }, layer) =>
      ['', '_reverse'].flatMap((suffix): RecurrentSpectrum[] => {
        const parameter = `${prefix}layers.${layer}.weight_hh_l0${suffix}`;
        const weight = parameters.get(parameter);
        if (!weight) return [];
        return [
          {
            parameter,
            gates: gateNames(cell).map((gate, index) => {
              alive();
              return { gate, ...blockSpectrum(algebra, weight, index, units) };
            }),
          },
        ];
      }),
    ),
  );
}

/** Rows [index·H, (index + 1)·H) of a recurrent matrix [G·H, H]. */
function blockSpectrum({ EVD, Matrix, SVD }: LinearAlgebra, { data }: Tensor, index: number, units: number): Omit<GateSpectrum, 'gate'> {
  const block = Matrix.from1DArray(units, units, Array.from(data.subarray(index * units * units, (index + 1) * units * units), Number));
  const { diagonal } = new SVD(block, { computeLeftSingularVectors: false, computeRightSingularVectors: false });
  const singularValues = [...diagonal].sort((a, b) => b - a);
  if (units > largestBlock) return { singularValues };
  const { realEigenvalues, imaginaryEigenvalues } = new EVD(block);
  return { singularValues, spectralRadius: Math.max(...realEigenvalues.map((real, i) => Math.hypot(real, imaginaryEigenvalues[i] ?? 0))) };
}
