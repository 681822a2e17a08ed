import { sizeOf, type Tensor, type Tensors } from '../../shared/tensor';
import type { Columns } from './columns';
import type { Arena, EngineMemory } from './memory';

/** Where one parameter lies in each region: row-major element (i, j) stands rows[i] + columns[j] numbers behind `offset`. */
interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  /** Bytes from the beginning of a region. */
  readonly offset: number;
  readonly rows: Int32Array;
  readonly columns: Int32Array;
}

/** The only column of a vector. */
const noColumns = Int32Array.of(0);

/** The bytes of one parameter in a region, padding included. */
export interface Extent {
  readonly name: string;
  /** From the beginning of the region. */
  readonly offset: number;
  readonly bytes: number;
}

/** Copies of all parameters that lie behind one another: the parameters, their gradients, and two moments. */
export type Region = 'parameters' | 'gradients' | 'moment0' | 'moment1';

/**
 * All parameters of a network, in the panels that the kernels read. What crosses to the outside is row-major
 * under PyTorch's names; padding is 0 and stays 0.
 */
export class ParameterStore {
  readonly #memory: EngineMemory;
  readonly #entries: Entry[] = [];
  readonly #starts = new Map<Region, number>();
  #bytes = 0;

  constructor(memory: EngineMemory) {
    this.#memory = memory;
  }

  /** Bytes of one region. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Where each parameter lies in a region, in file order. */
  get extents(): readonly Extent[] {
    return this.#entries.map(({ name, offset }, index) => ({ name, offset, bytes: (this.#entries[index + 1]?.offset ?? this.#bytes) - offset }));
  }

  /** A parameter [rows, columns] that products read, from `columns` inputs to `rows` outputs. Gives its offset. */
  addWeight(name: string, rows: Columns, columns: Columns): number {
    return this.#add({ name, shape: [rows.size, columns.size], rows: acrossPanels(rows, columns.panels), columns: downPanels(columns) }, rows.panels * columns.panels * 256);
  }

  /** A parameter [tokens, features] of which rows are looked up. */
  addTable(name: string, tokens: Columns, features: Columns): number {
    return this.#add({ name, shape: [tokens.size, features.size], rows: downPanels(tokens), columns: acrossPanels(features, tokens.panels) }, tokens.panels * features.panels * 256);
  }

  addVector(name: string, rows: Columns): number {
    return this.#add({ name, shape: [rows.size], rows: rows.place, columns: noColumns }, rows.panels * 32);
  }

  /** Takes a region from the arena, once all parameters are added; not twice the same. */
  place(region: Region, arena: Arena): void {
    if (!this.#starts.has(region)) this.#starts.set(region, arena.take(this.#bytes));
  }

  /** Address of a region; 0 before it has a place. */
  start(region: Region): number {
    return this.#starts.get(region) ?? 0;
  }

  /** Row-major copies of a region in file order; `nameOf` gives the tensors' names. */
  read(region: Region, nameOf: (parameter: string) => string): Tensors {
    return new Map(this.#entries.map((entry) => [nameOf(entry.name), this.#readEntry(region, entry)]));
  }

  /** Fills a region. Throws a RangeError that names a tensor that is missing or of another size. */
  write(region: Region, tensors: Tensors, nameOf: (parameter: string) => string): void {
    for (const entry of this.#entries) {
      const name = nameOf(entry.name);
      const data = tensors.get(name)?.data;
      if (data?.length !== sizeOf(entry.shape)) throw new RangeError(`${name} must hold ${sizeOf(entry.shape)} numbers (got ${data?.length ?? 'none'})`);
      this.#writeEntry(region, entry, data instanceof BigInt64Array ? Float64Array.from(data, Number) : data);
    }
  }

  clear(region: Region): void {
    const start = this.start(region) >>> 2;
    this.#memory.f32.fill(0, start, start + (this.#bytes >>> 2));
  }

  #add(entry: Omit<Entry, 'offset'>, bytes: number): number {
    const offset = this.#bytes;
    this.#entries.push({ ...entry, offset });
    this.#bytes += Math.ceil(bytes / 64) * 64;
    return offset;
  }

  /** In plain loops, as `#readEntry`: both run while a training starts, when nothing is compiled yet. */
  #writeEntry(region: Region, { rows, columns, offset }: Entry, data: Exclude<Tensor['data'], BigInt64Array>): void {
    const start = (this.start(region) + offset) / 4;
    const target = this.#memory.f32;
    let index = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = start + (rows[i] ?? 0);
      for (let j = 0; j < columns.length; j++) target[row + (columns[j] ?? 0)] = data[index++] ?? 0;
    }
  }

  #readEntry(region: Region, { shape, rows, columns, offset }: Entry): Tensor {
    const start = (this.start(region) + offset) / 4;
    const data = new Float32Array(sizeOf(shape));
    const source = this.#memory.f32;
    let index = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = start + (rows[i] ?? 0);
      for (let j = 0; j < columns.length; j++) data[index++] = source[row + (columns[j] ?? 0)] ?? 0;
    }
    return { dtype: 'F32', shape, data };
  }
}

/** Where the outputs n of a weight [N/8][8·kPanels][8] stand, in numbers from its first row. */
function acrossPanels({ place }: Columns, kPanels: number): Int32Array {
  return place.map((n) => (n >> 3) * kPanels * 64 + (n & 7));
}

/** Where its inputs k stand. */
function downPanels({ place }: Columns): Int32Array {
  return place.map((k) => k * 8);
}
