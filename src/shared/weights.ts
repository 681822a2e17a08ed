import type { Tensors } from './tensor';

/** How a recurrent matrix stretches and turns the state, one gate's block of it. */
export interface GateSpectrum {
  /** As papers abbreviate the gate: i, f, g, o; r, z, n; h for a vanilla RNN. */
  readonly gate: string;
  /** Singular values of the block [H, H], the largest first: how much a step can stretch a state. */
  readonly singularValues: readonly number[];
  /** Largest magnitude of an eigenvalue: what many steps come to. Absent for blocks that are too large to wait for. */
  readonly spectralRadius?: number;
}

/** The spectra of one recurrent matrix. */
export interface RecurrentSpectrum {
  /** Name of the parameter. */
  readonly parameter: string;
  readonly gates: readonly GateSpectrum[];
}

/** The parameters of a model with what its recurrent matrices do to states. */
export interface ModelWeights {
  /** Step of the weights. */
  readonly step: number;
  /** All parameters, in file order. */
  readonly tensors: Tensors;
  readonly spectra: readonly RecurrentSpectrum[];
  /** Step of the weights that these are of; absent: of the same. While a training goes on they are found less often, as they take long. */
  readonly spectraStep?: number;
}

const gatesOf = { rnn: ['h'], lstm: ['i', 'f', 'g', 'o'], gru: ['r', 'z', 'n'] } as const;

/** Abbreviations of a cell's gates, in the order of the blocks of its matrices [G·H, …]. */
export function gateNames(cell: keyof typeof gatesOf): readonly string[] {
  return gatesOf[cell];
}
