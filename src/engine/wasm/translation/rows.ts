import type { Columns } from '../columns';
import type { EngineMemory, Panels } from '../memory';

/** Which rows of a matrix in panels hold a sequence's timesteps, and at which columns its features are. */
export interface RowPlace {
  readonly rows: Panels;
  readonly columns: Columns;
  readonly steps: number;
  readonly sequences: number;
}

/** A time-first matrix in panels as numbers sequence by sequence, [B,T,F] row-major. */
export function readRows({ f32 }: EngineMemory, place: RowPlace): Float32Array {
  const data = new Float32Array(place.sequences * place.steps * place.columns.size);
  visit(place, (at, index) => (data[index] = f32[at] ?? 0));
  return data;
}

/** The reverse; padding is left as it is. */
export function writeRows({ f32 }: EngineMemory, place: RowPlace, data: Float32Array): void {
  visit(place, (at, index) => (f32[at] = data[index] ?? 0));
}

/** The same, added to what is there. */
export function addRows({ f32 }: EngineMemory, place: RowPlace, data: Float32Array): void {
  visit(place, (at, index) => (f32[at] = (f32[at] ?? 0) + (data[index] ?? 0)));
}

function visit({ rows, columns, steps, sequences }: RowPlace, each: (at: number, index: number) => void): void {
  for (let feature = 0; feature < columns.size; feature++) {
    const column = columns.place[feature] ?? 0;
    const first = rows.address / 4 + (column >> 3) * (rows.stride / 4) + (column & 7);
    for (let t = 0; t < steps; t++) {
      for (let b = 0; b < sequences; b++) each(first + (t * sequences + b) * 8, (b * steps + t) * columns.size + feature);
    }
  }
}
