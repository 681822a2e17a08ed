import { noRoom } from '../memoryNeed';
import type { Sharing } from './variants';

const pageBytes = 65536;

/** Rows of a matrix in column panels; how many rows there are its user knows. */
export interface Panels {
  /** Byte address of row 0 of the first panel. */
  readonly address: number;
  /** Bytes from a panel to the next. */
  readonly stride: number;
  readonly panels: number;
}

/** Panels [first, first + panels) of a matrix. */
export function panelRange({ address, stride }: Panels, first: number, panels: number): Panels {
  return { address: address + first * stride, stride, panels };
}

/** The matrix that begins `rows` rows further down. */
export function skipRows({ address, ...rest }: Panels, rows: number): Panels {
  return { address: address + rows * 32, ...rest };
}

/** Hands out addresses one after the other, in whole cache lines; nothing is given back. */
export class Arena {
  #next: number;

  constructor(start: number) {
    this.#next = align(start);
  }

  /** The first address after everything taken. */
  get end(): number {
    return this.#next;
  }

  take(bytes: number): number {
    const address = this.#next;
    this.#next = align(address + bytes);
    return address;
  }

  /** A matrix; its panels stand 320 bytes further apart than needed, so that they do not fall on the same lines of the cache (4K aliasing). */
  panels(rows: number, panels: number): Panels {
    const stride = rows * 32 + 320;
    return { address: this.take(stride * panels), stride, panels };
  }
}

function align(address: number): number {
  return Math.ceil(address / 64) * 64;
}

/** The memory that the kernels work in, with views that follow its growth. */
export class EngineMemory {
  readonly memory: WebAssembly.Memory;
  f32: Float32Array = new Float32Array(0);
  f64: Float64Array = new Float64Array(0);
  i32: Int32Array = new Int32Array(0);

  /** `own` also where `shared` was asked for but cannot be had. */
  readonly sharing: Sharing;

  constructor(sharing: Sharing = 'own') {
    this.sharing = sharing === 'shared' && typeof SharedArrayBuffer !== 'undefined' ? 'shared' : 'own';
    this.memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: this.sharing === 'shared' });
    this.#view();
  }

  /** Makes addresses up to `end` usable. Throws a RangeError that says how much is needed when that is too much. */
  reserve(end: number): void {
    const missing = Math.ceil((end - this.memory.buffer.byteLength) / pageBytes);
    if (missing <= 0) return;
    try {
      this.memory.grow(missing);
    } catch {
      throw noRoom(end);
    }
    this.#view();
  }

  #view(): void {
    this.f32 = new Float32Array(this.memory.buffer);
    this.f64 = new Float64Array(this.memory.buffer);
    this.i32 = new Int32Array(this.memory.buffer);
  }
}
