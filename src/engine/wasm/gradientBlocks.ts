import type { Arena, EngineMemory } from './memory';
import type { Operations } from './operations';
import type { ParameterStore } from './parameterStore';

/** Bytes of a block that is summed by itself, whoever sums it. */
const mostBytes = 2 ** 17;

/** A table row: i32 address, i32 bytes, f64 result; see `Block` in `src/engine/kernels/optimizers.ts`. */
const rowBytes = 16;

/** The gradients of all parameters, cut into blocks, and what was summed over each. */
export class GradientBlocks {
  readonly #memory: EngineMemory;
  readonly #address: number;
  /** Names of the parameters, and the first block of each; then the number of blocks. */
  readonly names: readonly string[];
  readonly #firsts: readonly number[];
  readonly #count: number;
  /** Operations of a block: all are about as large, except the last of each parameter. */
  readonly #cost: number;
  /** What `sums` gives. */
  readonly #sums: Float64Array;

  /** Takes room for the table from `arena`. */
  constructor(memory: EngineMemory, store: ParameterStore, arena: Arena) {
    const start = store.start('gradients');
    const blocks = store.extents.map(({ offset, bytes }) => Array.from({ length: Math.ceil(bytes / mostBytes) }, (_, i) => [start + offset + i * mostBytes, Math.min(mostBytes, bytes - i * mostBytes)] as const));
    this.#memory = memory;
    this.names = store.extents.map(({ name }) => name);
    this.#firsts = blocks.map((_, index) => blocks.slice(0, index).reduce((sum, own) => sum + own.length, 0));
    this.#count = blocks.flat().length;
    this.#cost = store.bytes / Math.max(1, this.#count);
    this.#sums = new Float64Array(this.names.length);
    this.#address = arena.take(this.#count * rowBytes);
    memory.reserve(arena.end);
    blocks.flat().forEach((block, index) => memory.i32.set(block, (this.#address + index * rowBytes) / 4));
  }

  /** Lets a kernel go over all blocks. */
  pass(operations: Operations, kernel: Parameters<Operations['gradientBlocks']>[0], threshold = 0): void {
    operations.gradientBlocks(kernel, this.#address, this.#count, this.#cost, threshold);
  }

  /** What a pass found for each parameter: always the same array. */
  sums(): Float64Array {
    const { f64 } = this.#memory;
    for (let parameter = 0; parameter < this.#sums.length; parameter++) {
      const end = this.#firsts[parameter + 1] ?? this.#count;
      let sum = 0;
      for (let block = this.#firsts[parameter] ?? 0; block < end; block++) sum += f64[(this.#address + block * rowBytes + 8) / 8] ?? 0;
      this.#sums[parameter] = sum;
    }
    return this.#sums;
  }

  /** The sum over all parameters of what a pass found. */
  total(): number {
    const sums = this.sums();
    let total = 0;
    for (let parameter = 0; parameter < sums.length; parameter++) total += sums[parameter] ?? 0;
    return total;
  }
}
