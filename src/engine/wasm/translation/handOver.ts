import type { EncoderShape } from '../../../spec/encoder';
import type { Architecture } from '../../../spec/architecture';
import { panelsOf, plainColumns } from '../columns';
import { skipRows, type Arena, type EngineMemory, type Panels } from '../memory';
import { writeIntegers } from '../model';
import type { Operations } from '../operations';
import type { StackPlan } from '../plan';
import { WasmState } from '../state';
import type { ScaledStateAdjoint, StateAdjoint } from '../stateAdjoints';
import type { TranslationArchitecture } from './model';
import { readRows } from '../rows';

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

/** `handOverBackward` for the adjoints of several losses at once, as rows that keep their powers of two. */
export class HandOverAdjoint {
  readonly #operations: Operations;
  readonly #memory: EngineMemory;
  readonly #encoder: EncoderShape;
  readonly #rows: number;
  /** Address of the numbers 0, 1, 2, …, as `moveColumns` reads places. */
  readonly #places: number;
  /** What reaches the encoder's last states, by layer and direction; filled by `take`. */
  readonly final: readonly (readonly ScaledStateAdjoint[] | undefined)[];

  /** Takes buffers of this many rows from `arena`, whose end the caller reserves. */
  constructor(operations: Operations, memory: EngineMemory, { encoder, layers }: TranslationArchitecture, arena: Arena, rows: number) {
    this.#operations = operations;
    this.#memory = memory;
    this.#encoder = encoder;
    this.#rows = rows;
    this.#places = writeIntegers(memory, arena, Int32Array.from({ length: Math.max(0, ...encoder.layers.map(({ cellSize }) => cellSize)) }, (_, i) => i));
    this.final = encoder.layers.map(({ cell, units, directions }, from) => {
      const taker = layers[encoder.handOver.indexOf(from)];
      if (!taker) return undefined;
      const exponents = arena.take(rows * 4);
      const room = (): Panels => arena.panels(rows, panelsOf(units));
      return directions.map(() => ({ h: room(), c: cell === 'lstm' && taker.cell === 'lstm' ? room() : undefined, exponents }));
    });
  }

  /** Hands the adjoint of a decoder layer's first state on to the layer that it came from. */
  take(layer: number, adjoint: ScaledStateAdjoint): void {
    const from = this.#encoder.handOver[layer];
    if (from === undefined) return;
    const { units = 0 } = this.#encoder.layers[from] ?? {};
    this.final[from]?.forEach((own, d) => {
      for (const [source, target] of [[adjoint.h, own.h], [adjoint.c, own.c]] as const) {
        if (!source || !target) continue;
        this.#operations.clear(this.#rows, target);
        this.#operations.moveColumns(this.#rows, units, source, this.#places + d * units * 4, target, this.#places);
      }
      this.#memory.i32.copyWithin(own.exponents / 4, adjoint.exponents / 4, adjoint.exponents / 4 + this.#rows);
    });
  }
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
