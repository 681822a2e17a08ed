import type { Tensors } from '../../shared/tensor';
import type { Architecture } from '../../spec/architecture';
import type { RecurrentState } from '../engine';
import type { CellState } from './cells/cell';
import { zeros, type Matrix } from './matrix';

/**
 * The states that go on from one batch to the next. Only the forward direction carries them: the reverse
 * direction reads each window from its end, where nothing comes before, and begins at zeros.
 */
export class ReferenceState implements RecurrentState {
  readonly #architecture: Architecture;
  /** Of each layer's forward direction. */
  #states: readonly CellState[] = [];

  constructor(
    architecture: Architecture,
    readonly sequences: number,
  ) {
    this.#architecture = architecture;
    this.reset();
  }

  reset(): void {
    this.#states = this.#architecture.layers.map(({ cell, units }) => this.#zero(cell, units));
  }

  /** States before the first timestep, by layer and direction. */
  initial(): CellState[][] {
    return this.#architecture.layers.map(({ cell, units, directions }, l) =>
      directions.map((direction) => (direction === 'forward' ? (this.#states[l] ?? this.#zero(cell, units)) : this.#zero(cell, units))),
    );
  }

  /** Takes over the forward directions' last states, a layer each. */
  carry(states: readonly CellState[]): void {
    this.#states = states;
  }

  save(): Tensors {
    const tensors: Tensors = new Map();
    this.#states.forEach(({ h, c }, l) => {
      for (const [part, matrix] of Object.entries({ h, c })) {
        if (matrix) tensors.set(`layer${l}.forward.${part}`, { dtype: 'F64', shape: [matrix.rows, matrix.columns], data: matrix.data.slice() });
      }
    });
    return tensors;
  }

  restore(saved: Tensors): void {
    this.#states = this.#states.map(({ h, c }, l) => {
      const read = (part: string, { rows, columns }: Matrix): Matrix => {
        const name = `layer${l}.forward.${part}`;
        const tensor = saved.get(name);
        if (tensor?.shape[0] !== rows || tensor.shape[1] !== columns) throw new RangeError(`the saved state ${name} must have shape [${rows}, ${columns}] (got ${tensor ? `[${tensor.shape.join(', ')}]` : 'none'})`);
        return { rows, columns, data: Float64Array.from(tensor.data, Number) };
      };
      return c ? { h: read('h', h), c: read('c', c) } : { h: read('h', h) };
    });
  }

  #zero(cell: Architecture['layers'][number]['cell'], units: number): CellState {
    const h = zeros(this.sequences, units);
    return cell === 'lstm' ? { h, c: zeros(this.sequences, units) } : { h };
  }
}
