import { checkCarry, unitVectors, type CarryRequest, type DirectionCarry } from '../carry';
import type { Batch } from '../engine';
import { AdjointPass, type AdjointStep } from './adjoints';
import { runLayers } from './forward';
import { Arena, skipRows, type Panels } from './memory';
import { rowNorms } from './scaledRows';
import type { TraceContext } from './trace';

/** Memory for the adjoints of several vectors at once; more vectors than fit go in several passes. */
const carryBytes = 128 * 2 ** 20;

type CarryContext = Omit<TraceContext, 'backward' | 'head'>;

/** The carry of every layer and direction for a batch whose inputs stand in the plan already. */
export function carryOfBatch(context: CarryContext, batch: Batch, request: CarryRequest): DirectionCarry[] {
  checkCarry(batch, request);
  const { operations, model, plan, lengths, order } = context;
  runLayers(operations, model, plan, { start: 'zeros', lengths, dropout: 'no-dropout', order });
  return model.layers.flatMap(({ shape }, layer) =>
    shape.directions.map((direction, d) => ({ layer, direction, state: shape.cell === 'lstm' ? ('c' as const) : ('h' as const), norms: directionNorms(context, batch, request, layer, d) })),
  );
}

/**
 * All vectors of one direction, as many as fit together. Nothing comes from above: the observer puts each
 * vector in where it begins, and reads its length at every timestep on its way back.
 */
function directionNorms({ operations, memory, model, plan, lengths }: CarryContext, batch: Batch, { ends, probes, seed }: CarryRequest, layerIndex: number, directionIndex: number): Float64Array {
  const { steps, sequences } = plan;
  const all = ends.length * probes;
  const norms = new Float64Array(all * steps * sequences).fill(NaN);
  const shape = model.layers[layerIndex]?.shape;
  if (!shape) return norms;
  const lstm = shape.cell === 'lstm';
  const timestep = (end: number, lag: number): number => (shape.directions[directionIndex] === 'forward' ? end - lag : steps - 1 - end + lag);
  const isReal = (t: number, b: number): boolean => t < (batch.lengths?.[b] ?? steps);

  const fits = Math.max(1, Math.floor(carryBytes / AdjointPass.bytesPerCopy(model, plan, sequences)));
  for (let first = 0; first < all; first += fits) {
    const together = Math.min(fits, all - first);
    const arena = new Arena(plan.end);
    const pass = new AdjointPass(operations, memory, model, plan, arena, { copies: together, lengths, paths: 'without-paths' });
    const total = arena.panels(together * sequences, model.layers[layerIndex]?.unitPanels ?? 0);
    const lengthsFound = arena.take(together * sequences * 8);
    const part = arena.take(64);
    memory.reserve(arena.end);
    const { f32, f64, i32 } = memory;
    pass.begin();

    const putIn = (copy: number, into: Panels, exponents: number): void => {
      const vectors = unitVectors(seed, (2 * layerIndex + directionIndex) * all + first + copy, sequences, shape.units);
      const t = timestep(ends[Math.floor((first + copy) / probes)] ?? 0, 0);
      for (let b = 0; b < sequences; b++) {
        if (!isReal(t, b)) continue;
        const row = copy * sequences + b;
        i32[exponents / 4 + row] = 0;
        for (let u = 0; u < shape.units; u++) f32[into.address / 4 + (u >> 3) * (into.stride / 4) + row * 8 + (u & 7)] = vectors[b * shape.units + u] ?? 0;
      }
    };

    const step = ({ layer, t, hidden, carry, adjoints }: AdjointStep): void => {
      for (let copy = 0; copy < together; copy++) {
        if (timestep(ends[Math.floor((first + copy) / probes)] ?? 0, 0) === t) putIn(copy, lstm ? carry : hidden.rows, hidden.exponents);
      }
      const job = layer.directions[directionIndex]?.job ?? 0;
      if (lstm) {
        // ∂/∂cₜ in total, through hₜ too; the kernel does the rows of one copy at a time.
        for (let copy = 0; copy < together; copy++) {
          i32.copyWithin(part / 4, adjoints / 4, adjoints / 4 + 7);
          i32[part / 4 + 2] = skipRows(hidden.rows, copy * sequences).address;
          i32[part / 4 + 4] = skipRows(carry, copy * sequences).address;
          operations.kernels.cellStateAdjoint(job, part, t, skipRows(total, copy * sequences).address, total.stride);
        }
      }
      const rows = lstm ? total : hidden.rows;
      rowNorms(operations, 0, together * sequences, { rows, exponents: hidden.exponents }, lengthsFound);
      for (let copy = 0; copy < together; copy++) {
        const end = timestep(ends[Math.floor((first + copy) / probes)] ?? 0, 0);
        const lag = Math.abs(end - t);
        if (timestep(ends[Math.floor((first + copy) / probes)] ?? 0, lag) !== t) continue;
        for (let b = 0; b < sequences; b++) {
          if (isReal(end, b) && isReal(t, b)) norms[((first + copy) * steps + lag) * sequences + b] = f64[lengthsFound / 8 + copy * sequences + b] ?? 0;
        }
      }
    };
    pass.runAlone(layerIndex, directionIndex, { step });
  }
  return norms;
}
