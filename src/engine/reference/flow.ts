import type { PositionLoss } from './losses';
import { rowOf, type Matrix } from './matrix';
import type { NetworkRun } from './network';

/** Positions whose adjoints travel together: bounds the memory to this many f64 numbers a layer, about. */
const mostNumbers = 2 ** 24;

/**
 * The flow matrix [P,T] of each layer and direction, by stack: row t holds, for every timestep k, the mean over
 * the sequences with a loss at t of ‖∂ℓₜ,ᵦ/∂hₖ,ᵦ‖₂.
 *
 * Not one backward pass a position: the adjoints of all positions are rows of one batch that goes back
 * together, position by position and within each sequence by sequence.
 */
export function flowMatrices(run: NetworkRun, losses: readonly PositionLoss[]): Float64Array[][][] {
  const most = Math.max(...run.stacks.flatMap(({ layers }) => layers).map(({ outputs }) => (outputs[0]?.data.length ?? 0) * outputs.length), 1);
  const together = Math.max(1, Math.floor(mostNumbers / most));
  const flow = run.stacks.map(({ layers }) => layers.map(({ directions, outputs }) => directions.map(() => new Float64Array(losses.length * outputs.length))));

  for (let begin = 0; begin < losses.length; begin += together) {
    const block = losses.slice(begin, begin + together);
    const adjoints = block.map(({ dLogits }, copy) => ({ position: begin + copy, copy, dLogits }));
    run.backward(adjoints, block.length).forEach((layers, s) => {
      layers.forEach(({ directions }, l) => directions.forEach(({ h }, d) => putRows(flow[s]?.[l]?.[d], h, block, begin)));
    });
  }
  return flow;
}

/** Rows `first` onwards of one matrix, from the adjoints of hₖ at every timestep k. */
function putRows(matrix: Float64Array | undefined, adjoints: readonly Matrix[], block: readonly PositionLoss[], first: number): void {
  adjoints.forEach((dh, k) => {
    block.forEach(({ counts }, copy) => {
      const sequences = counts.reduce((total, one) => total + one, 0);
      let sum = 0;
      for (let b = 0; b < counts.length; b++) sum += Math.hypot(...rowOf(dh, copy * counts.length + b));
      if (matrix && sequences > 0) matrix[(first + copy) * adjoints.length + k] = sum / sequences;
    });
  });
}
