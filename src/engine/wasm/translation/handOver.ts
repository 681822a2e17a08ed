import type { EncoderShape } from '../../../spec/encoder';
import type { Architecture } from '../../../spec/architecture';
import { plainColumns } from '../columns';
import { skipRows, type EngineMemory, type Panels } from '../memory';
import type { StackPlan } from '../plan';
import { WasmState } from '../state';
import type { StateAdjoint } from '../stateAdjoints';
import { readRows } from './rows';

/** Fills the states that the decoder starts from with the encoder's last ones; see `EncoderShape`. */
export function handOver(memory: EngineMemory, { handOver: pairs }: EncoderShape, plan: StackPlan, state: WasmState): void {
  const { sequences, rows } = plan;
  state.reset();
  pairs.forEach((from, index) => {
    const layer = from === undefined ? undefined : plan.layers[from];
    layer?.directions.forEach((buffers, d) => {
      const columns = plainColumns(layer.model.shape.units);
      const last = (states: Panels): Panels => skipRows(states, layer.model.directions[d]?.direction === 'forward' ? rows : sequences);
      const take = (part: 'h' | 'c', states: Panels): void => state.put(index, part, d * columns.size, readRows(memory, last(states), columns, sequences), columns.size);
      take('h', buffers.states);
      if (buffers.cellStates) take('c', buffers.cellStates);
    });
  });
}

/** The adjoints of the encoder's last states, by layer and direction, from those of the decoder's first. */
export function handOverBackward({ layers, handOver: pairs }: EncoderShape, initial: WasmState): ((readonly StateAdjoint[]) | undefined)[] {
  return layers.map(({ cell, units, directions }, l) => {
    const taker = pairs.indexOf(l);
    if (taker < 0) return undefined;
    return directions.map((_, d) => {
      const part = (which: 'h' | 'c'): Float32Array | undefined => initial.get(taker, which, d * units, units);
      return { h: part('h') ?? new Float32Array(initial.sequences * units), c: cell === 'lstm' ? part('c') : undefined };
    });
  });
}

/** The decoder's state, and what its attention looks at, which stays as it is while the decoder writes. */
export class DecoderState extends WasmState {
  constructor(
    architecture: Architecture,
    sequences: number,
    /** The encoder's outputs in the panels that attention reads, one after the other; empty without attention. */
    readonly encoded: Float32Array,
    /** S. */
    readonly sourceSteps: number,
    readonly lengths: Int32Array | undefined,
  ) {
    super(architecture, sequences);
  }
}
