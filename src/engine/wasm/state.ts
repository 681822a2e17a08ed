import type { Tensors } from '../../shared/tensor';
import type { Architecture } from '../../spec/architecture';
import type { RecurrentState } from '../engine';
import type { EngineMemory, Panels } from './memory';

type Part = 'h' | 'c';

/**
 * The states that go on from one batch to the next. Only the forward directions carry them: a reverse
 * direction reads each window from its end, where nothing comes before, and begins at zeros.
 */
export class WasmState implements RecurrentState {
  /** Row-major [B,H] under the names of the files. */
  readonly #parts = new Map<string, { readonly units: number; readonly data: Float32Array }>();

  constructor(
    architecture: Architecture,
    readonly sequences: number,
  ) {
    architecture.layers.forEach(({ cell, units }, index) => {
      for (const part of cell === 'lstm' ? (['h', 'c'] as const) : (['h'] as const)) this.#parts.set(nameOf(index, part), { units, data: new Float32Array(sequences * units) });
    });
  }

  reset(): void {
    for (const { data } of this.#parts.values()) data.fill(0);
  }

  save(): Tensors {
    return new Map([...this.#parts].map(([name, { units, data }]) => [name, { dtype: 'F32', shape: [this.sequences, units], data: data.slice() }]));
  }

  restore(saved: Tensors): void {
    for (const [name, { units, data }] of this.#parts) {
      const tensor = saved.get(name);
      if (tensor?.shape[0] !== this.sequences || tensor.shape[1] !== units) {
        throw new RangeError(`the saved state ${name} must have shape [${this.sequences}, ${units}] (got ${tensor ? `[${tensor.shape.join(', ')}]` : 'none'})`);
      }
      for (let i = 0; i < data.length; i++) data[i] = Number(tensor.data[i]);
    }
  }

  /** Writes one layer's state into B rows; the rest of their last panel to 0, or what stood there before would count as units of a state. */
  load({ f32 }: EngineMemory, layer: number, part: Part, rows: Panels): void {
    this.#each(layer, part, rows, (data, index, place) => (f32[place] = data[index] ?? 0));
    const { units = 0 } = this.#parts.get(nameOf(layer, part)) ?? {};
    if (units % 8 === 0) return;
    const panel = rows.address / 4 + (units >> 3) * (rows.stride / 4);
    for (let b = 0; b < this.sequences; b++) f32.fill(0, panel + b * 8 + (units & 7), panel + b * 8 + 8);
  }

  /** Takes one layer's state over from B rows. */
  store({ f32 }: EngineMemory, layer: number, part: Part, rows: Panels): void {
    this.#each(layer, part, rows, (data, index, place) => (data[index] = f32[place] ?? 0));
  }

  /** Sets units [first, first + units) of one layer's state to these numbers [B,units]; nothing where the cell has no such part. */
  put(layer: number, part: Part, first: number, values: Float32Array, units: number): void {
    const own = this.#parts.get(nameOf(layer, part));
    for (let b = 0; own && b < this.sequences; b++) own.data.set(values.subarray(b * units, (b + 1) * units), b * own.units + first);
  }

  /** A copy of units [first, first + units) of one layer's state, [B,units]; undefined where the cell has no such part. */
  get(layer: number, part: Part, first: number, units: number): Float32Array | undefined {
    const own = this.#parts.get(nameOf(layer, part));
    if (!own) return undefined;
    const values = new Float32Array(this.sequences * units);
    for (let b = 0; b < this.sequences; b++) values.set(own.data.subarray(b * own.units + first, b * own.units + first + units), b * units);
    return values;
  }

  #each(layer: number, part: Part, { address, stride }: Panels, visit: (data: Float32Array, index: number, place: number) => void): void {
    const own = this.#parts.get(nameOf(layer, part));
    if (!own) return;
    for (let b = 0; b < this.sequences; b++) {
      for (let u = 0; u < own.units; u++) visit(own.data, b * own.units + u, address / 4 + (u >> 3) * (stride / 4) + b * 8 + (u & 7));
    }
  }
}

function nameOf(layer: number, part: Part): string {
  return `layer${layer}.forward.${part}`;
}
