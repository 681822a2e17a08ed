import type { PositionLoss } from './losses';
import { rowOf } from './matrix';
import type { NetworkRun } from './network';

/** Positions whose adjoints travel together: bounds the memory to this many f64 numbers a layer, about. */
const mostNumbers = 2 ** 24;

/**
 * The flow matrix [P,T] of each layer and direction: row t holds, for every timestep k, the mean over the
 * sequences with a loss at t of ‖∂ℓₜ,ᵦ/∂hₖ,ᵦ‖₂.
 *
 * Not one backward pass a position: the adjoints of all positions are rows of one batch that goes back
 * together, position by position and within each sequence by sequence.
 */
export function flowMatrices(run: NetworkRun, losses: readonly PositionLoss[]): Float64Array[][] {
  const widest = Math.max(...run.layers.map(({ outputs }) => outputs[0]?.data.length ?? 1), 1);
  const steps = run.layers[0]?.outputs.length ?? 0;
  const together = Math.max(1, Math.floor(mostNumbers / (widest * Math.max(steps, 1))));
  const flow = run.layers.map(({ directions }) => directions.map(() => new Float64Array(losses.length * steps)));

  for (let begin = 0; begin < losses.length; begin += together) {
    const block = losses.slice(begin, begin + together);
    const adjoints = block.map(({ dLogits }, copy) => ({ position: begin + copy, copy, dLogits }));
    run.backward(adjoints, block.length).forEach((layer, l) => {
      layer.directions.forEach(({ h }, d) => {
        h.forEach((dh, k) => {
          block.forEach(({ counts }, copy) => {
            const sequences = counts.reduce((total, one) => total + one, 0);
            let sum = 0;
            for (let b = 0; b < counts.length; b++) sum += Math.hypot(...rowOf(dh, copy * counts.length + b));
            const matrix = flow[l]?.[d];
            if (matrix && sequences > 0) matrix[(begin + copy) * steps + k] = sum / sequences;
          });
        });
      });
    });
  }
  return flow;
}
