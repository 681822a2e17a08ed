import { sizeOf, type Tensor, type Tensors } from '../../shared/tensor';
import type { Columns } from './columns';
import type { Arena, EngineMemory } from './memory';

/** Where one parameter lies in each region, and how its row-major elements map onto panels. */
interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  /** Bytes from the beginning of a region. */
  readonly offset: number;
  /** Row-major element (i, j) stands at weight (k, n): outputs index rows, except of tables, whose rows are tokens. */
  readonly rows: Columns;
  readonly columns: Columns | undefined;
  readonly kind: 'weight' | 'table' | 'vector';
}

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
    return this.#add({ name, shape: [rows.size, columns.size], rows, columns, kind: 'weight' }, rows.panels * columns.panels * 256);
  }

  /** A parameter [tokens, features] of which rows are looked up. */
  addTable(name: string, tokens: Columns, features: Columns): number {
    return this.#add({ name, shape: [tokens.size, features.size], rows: tokens, columns: features, kind: 'table' }, tokens.panels * features.panels * 256);
  }

  addVector(name: string, rows: Columns): number {
    return this.#add({ name, shape: [rows.size], rows, columns: undefined, kind: 'vector' }, rows.panels * 32);
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
      const source = tensors.get(name);
      if (source?.data.length !== sizeOf(entry.shape)) throw new RangeError(`${name} must hold ${sizeOf(entry.shape)} numbers (got ${source?.data.length ?? 'none'})`);
      const { data } = source;
      const target = this.#memory.f32;
      this.#forEach(region, entry, (index, place) => (target[place] = Number(data[index])));
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

  #readEntry(region: Region, entry: Entry): Tensor {
    const data = new Float32Array(sizeOf(entry.shape));
    const source = this.#memory.f32;
    this.#forEach(region, entry, (index, place) => (data[index] = source[place] ?? 0));
    return { dtype: 'F32', shape: entry.shape, data };
  }

  /** Visits the elements in row-major order with their places in `EngineMemory.f32`. */
  #forEach(region: Region, { rows, columns, offset, kind }: Entry, visit: (index: number, place: number) => void): void {
    const start = (this.start(region) + offset) / 4;
    if (!columns) {
      rows.place.forEach((n, index) => visit(index, start + n));
      return;
    }
    const kRows = (kind === 'table' ? rows : columns).panels * 8;
    let index = 0;
    for (const row of rows.place) {
      for (const column of columns.place) {
        const [n, k] = kind === 'table' ? [column, row] : [row, column];
        visit(index++, start + ((n >> 3) * kRows + k) * 8 + (n & 7));
      }
    }
  }
}
