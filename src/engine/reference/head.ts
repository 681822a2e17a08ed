import type { Architecture } from '../../spec/architecture';
import type { Batch } from '../engine';
import { rowOf, zeros, type Matrix } from './matrix';
import { lastStep } from './padding';

/** Where the output layer reads: `columns` of sequence b at timestep `t`. */
interface Reading {
  readonly t: number;
  readonly begin: number;
  readonly end: number;
}

/**
 * How the output layer reads the top layer's outputs: at every timestep, or for the loss `class` once:
 * each sequence's last output, and of a bidirectional top layer without a connection both directions' last
 * states (the reverse direction ends at the first timestep).
 */
export class Head {
  readonly positions: number;
  readonly #architecture: Architecture;
  readonly #batch: Batch;
  readonly #size: number;

  constructor(architecture: Architecture, batch: Batch, size: number) {
    this.positions = architecture.loss === 'class' ? 1 : batch.steps;
    this.#architecture = architecture;
    this.#batch = batch;
    this.#size = size;
  }

  /** What position `position` reads of the top outputs: [B,size]. */
  read(top: readonly Matrix[], position: number): Matrix {
    const read = zeros(this.#batch.sequences, this.#size);
    for (let b = 0; b < read.rows; b++) {
      for (const { t, begin, end } of this.#readings(position, b)) {
        const source = top[t];
        if (source) rowOf(read, b).set(rowOf(source, b).subarray(begin, end), begin);
      }
    }
    return read;
  }

  /** Adds the adjoint of what was read to that of the top outputs, in rows `copy`·B onwards. */
  readBackward(dRead: Matrix, position: number, dTop: readonly Matrix[], copy: number): void {
    for (let b = 0; b < dRead.rows; b++) {
      for (const { t, begin, end } of this.#readings(position, b)) {
        const target = dTop[t];
        if (!target) continue;
        const row = rowOf(target, copy * dRead.rows + b);
        for (let i = begin; i < end; i++) row[i] = (row[i] ?? 0) + (rowOf(dRead, b)[i] ?? 0);
      }
    }
  }

  #readings(position: number, sequence: number): readonly Reading[] {
    if (this.#architecture.loss !== 'class') return [{ t: position, begin: 0, end: this.#size }];
    const last = lastStep(this.#batch.lengths, sequence, this.#batch.steps);
    const layer = this.#architecture.layers.at(-1);
    if (!layer || layer.directions.length === 1 || layer.connection !== 'none') return [{ t: last, begin: 0, end: this.#size }];
    return [
      { t: last, begin: 0, end: layer.units },
      { t: 0, begin: layer.units, end: 2 * layer.units },
    ];
  }
}
