import type { Tensors } from '../../shared/tensor';
import type { Architecture } from '../../spec/architecture';
import type { RecurrentState } from '../engine';
import type { EngineMemory, Panels } from './memory';

type Part = 'h' | 'c';

/** One part of a layer's state, row-major [B,H]. */
interface Rows {
  readonly units: number;
  readonly data: Float32Array;
}

/**
 * The states that go on from one batch to the next. Only the forward directions carry them: a reverse
 * direction reads each window from its end, where nothing comes before, and begins at zeros.
 */
export class WasmState implements RecurrentState {
  readonly #layers: readonly { readonly h: Rows; readonly c?: Rows }[];

  constructor(
    architecture: Architecture,
    readonly sequences: number,
  ) {
    const zeros = (units: number): Rows => ({ units, data: new Float32Array(sequences * units) });
    this.#layers = architecture.layers.map(({ cell, units }) => (cell === 'lstm' ? { h: zeros(units), c: zeros(units) } : { h: zeros(units) }));
  }

  reset(): void {
    for (const { h, c } of this.#layers) {
      h.data.fill(0);
      c?.data.fill(0);
    }
  }

  save(): Tensors {
    return new Map(this.#named().map(([name, { units, data }]) => [name, { dtype: 'F32', shape: [this.sequences, units], data: data.slice() }]));
  }

  restore(saved: Tensors): void {
    for (const [name, { units, data }] of this.#named()) {
      const tensor = saved.get(name);
      if (tensor?.shape[0] !== this.sequences || tensor.shape[1] !== units) {
        throw new RangeError(`the saved state ${name} must have shape [${this.sequences}, ${units}] (got ${tensor ? `[${tensor.shape.join(', ')}]` : 'none'})`);
      }
      for (let i = 0; i < data.length; i++) data[i] = Number(tensor.data[i]);
    }
  }

  /** Writes one layer's state into B rows; the rest of their last panel to 0, or what stood there before would count as units of a state. */
  load({ f32 }: EngineMemory, layer: number, part: Part, { address, stride }: Panels): void {
    const own = this.#layers[layer]?.[part];
    if (!own) return;
    const { data, units } = own;
    for (let first = 0; first < units; first += 8) {
      const panel = address / 4 + (first / 8) * (stride / 4);
      for (let b = 0; b < this.sequences; b++) {
        for (let lane = 0; lane < 8; lane++) f32[panel + b * 8 + lane] = first + lane < units ? (data[b * units + first + lane] ?? 0) : 0;
      }
    }
  }

  /** Takes one layer's state over from B rows. */
  store({ f32 }: EngineMemory, layer: number, part: Part, { address, stride }: Panels): void {
    const own = this.#layers[layer]?.[part];
    if (!own) return;
    const { data, units } = own;
    for (let first = 0; first < units; first += 8) {
      const panel = address / 4 + (first / 8) * (stride / 4);
      const end = Math.min(8, units - first);
      for (let b = 0; b < this.sequences; b++) {
        for (let lane = 0; lane < end; lane++) data[b * units + first + lane] = f32[panel + b * 8 + lane] ?? 0;
      }
    }
  }

  /** Sets units [first, first + units) of one layer's state to these numbers [B,units]; nothing where the cell has no such part. */
  put(layer: number, part: Part, first: number, values: Float32Array, units: number): void {
    const own = this.#layers[layer]?.[part];
    for (let b = 0; own && b < this.sequences; b++) own.data.set(values.subarray(b * units, (b + 1) * units), b * own.units + first);
  }

  /** A copy of units [first, first + units) of one layer's state, [B,units]; undefined where the cell has no such part. */
  get(layer: number, part: Part, first: number, units: number): Float32Array | undefined {
    const own = this.#layers[layer]?.[part];
    if (!own) return undefined;
    const values = new Float32Array(this.sequences * units);
    for (let b = 0; b < this.sequences; b++) values.set(own.data.subarray(b * own.units + first, b * own.units + first + units), b * units);
    return values;
  }

  /** All parts under the names of the files. */
  #named(): (readonly [name: string, rows: Rows])[] {
    return this.#layers.flatMap(({ h, c }, layer) => [[nameOf(layer, 'h'), h] as const, ...(c ? [[nameOf(layer, 'c'), c] as const] : [])]);
  }
}

function nameOf(layer: number, part: Part): string {
  return `layer${layer}.forward.${part}`;
}
