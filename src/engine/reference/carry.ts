import { checkCarry, unitVectors, type CarryRequest, type DirectionCarry } from '../carry';
import type { Batch, Checkpointed } from '../engine';
import type { CellState } from './cells/cell';
import type { DirectionRun } from './direction';
import { rowOf, zeros, type Matrix } from './matrix';
import type { NetworkRun } from './network';
import { isReal } from './padding';

const never: Checkpointed = () => undefined;

/** The carry of every layer and direction of a forward pass: each random vector goes back through the cells it passed. */
export function carryOf(run: NetworkRun, batch: Batch, request: CarryRequest): DirectionCarry[] {
  checkCarry(batch, request);
  return (run.stacks[0]?.layers ?? []).flatMap(({ directions }, layer) =>
    directions.map((direction, d) => ({
      layer,
      direction: direction.direction,
      state: direction.final.c ? ('c' as const) : ('h' as const),
      norms: directionNorms(direction, batch, request, 2 * layer + d),
    })),
  );
}

function directionNorms({ direction, steps, final }: DirectionRun, { sequences, lengths }: Batch, { ends, probes, seed, alive = never }: CarryRequest, place: number): Float64Array {
  const count = steps.length;
  const norms = new Float64Array(ends.length * probes * count * sequences).fill(NaN);
  for (let copy = 0; copy < ends.length * probes; copy++) {
    const end = ends[Math.floor(copy / probes)] ?? 0;
    const v: Matrix = { rows: sequences, columns: final.h.columns, data: unitVectors(seed, place * ends.length * probes + copy, sequences, final.h.columns) };
    let state: CellState = final.c ? { h: zeros(v.rows, v.columns), c: v } : { h: v };
    for (let lag = 0; lag <= end; lag++) {
      alive();
      const timestep = (behind: number): number => (direction === 'forward' ? end - behind : count - 1 - end + behind);
      const step = steps[timestep(lag)]?.backward(state);
      if (!step) continue;
      // Of an LSTM all that depends on cₜ, through hₜ too.
      const total = step.c ?? state.h;
      for (let b = 0; b < sequences; b++) {
        // A reverse direction begins at each sequence's own end.
        if (isReal(lengths, timestep(0), b) && isReal(lengths, timestep(lag), b)) norms[(copy * count + lag) * sequences + b] = Math.hypot(...rowOf(total, b));
      }
      state = step.before;
    }
  }
  return norms;
}
