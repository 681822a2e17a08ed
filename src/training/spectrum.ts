import type * as MlMatrix from 'ml-matrix';
import type { Tensor, Tensors } from '../shared/tensor';
import { gateNames, type GateSpectrum, type RecurrentSpectrum } from '../shared/weights';
import type { Architecture } from '../spec/architecture';

/** Eigenvalues take about 30·H³ operations; beyond this many units they would take longer than a person waits. */
export const largestBlock = 256;

/** The linear algebra, read when it is first needed: an engine starts without it. */
type LinearAlgebra = Pick<typeof MlMatrix, 'EVD' | 'Matrix' | 'SVD'>;

/** Spectra of all recurrent matrices of these parameters, in file order. `turn` is awaited between blocks, so that others get on, and rejects to abandon. */
export async function recurrentSpectra(architecture: Architecture, parameters: Tensors, turn: () => Promise<void> = () => Promise.resolve()): Promise<readonly RecurrentSpectrum[]> {
  const algebra = await import('ml-matrix');
  const stacks = architecture.encoder ? [{ prefix: 'encoder.', layers: architecture.encoder.layers }, { prefix: 'decoder.', layers: architecture.layers }] : [{ prefix: '', layers: architecture.layers }];
  const names = stacks.flatMap(({ prefix, layers }) => layers.flatMap((shape, layer) => ['', '_reverse'].map((suffix) => ({ shape, parameter: `${prefix}layers.${layer}.weight_hh_l0${suffix}` }))));
  const spectra: RecurrentSpectrum[] = [];
  for (const { shape: { cell, units }, parameter } of names) {
    const weight = parameters.get(parameter);
    if (!weight) continue;
    const gates: GateSpectrum[] = [];
    for (const [index, gate] of gateNames(cell).entries()) {
      await turn();
      gates.push({ gate, ...blockSpectrum(algebra, weight, index, units) });
    }
    spectra.push({ parameter, gates });
  }
  return spectra;
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
