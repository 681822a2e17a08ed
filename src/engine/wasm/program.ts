/** Instructions that stand one after the other in memory, ready to be done; see `src/engine/kernels/program.ts`. */
export interface Program {
  /** Address of the first. */
  readonly start: number;
  /** The first address behind the last. */
  readonly end: number;
}

/** Bytes of an instruction. */
export const instructionBytes = 128;

/** Words of an instruction: number of the kernel, pieces, pieces that belong together, operations of a piece (f32), then the arguments. */
export const word = { operation: 0, pieces: 1, together: 2, cost: 3, integers: 4, floats: 20 } as const;
