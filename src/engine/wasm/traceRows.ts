import { sizeOf, type Tensor, type Tensors } from '../../shared/tensor';
import type { Columns } from './columns';
import type { EngineMemory, Panels } from './memory';
import type { ScaledRows } from './scaledRows';

/** What belongs to which sequence: T, B, and the real timesteps of each sequence [B], all T when absent. */
export interface SequenceShape {
  readonly steps: number;
  readonly sequences: number;
  readonly lengths?: Int32Array;
}

/** [T,B,features] of a matrix [T·B] of the plan, 0 at padded positions. */
export function readSequence({ f32 }: EngineMemory, matrix: Panels, { size, place }: Columns, shape: SequenceShape): Tensor {
  const { steps, sequences } = shape;
  const data = new Float32Array(steps * sequences * size);
  for (let row = 0; row < steps * sequences; row++) {
    if (isEnded(shape, row)) continue;
    for (let j = 0; j < size; j++) data[row * size + j] = f32[placeOf(matrix, row, place[j] ?? 0)] ?? 0;
  }
  return { dtype: 'F32', shape: [steps, sequences, size], data };
}

/** Timestep t of a [T,B,units] tensor, from B scaled rows, times `scale`. */
export function putTimestep({ f32, i32 }: EngineMemory, { data, shape: [, sequences = 0, units = 0] }: F64Tensor, t: number, { rows, exponents }: ScaledRows, scale: number): void {
  for (let b = 0; b < sequences; b++) {
    const factor = scale * 2 ** (i32[exponents / 4 + b] ?? 0);
    for (let u = 0; u < units; u++) data[(t * sequences + b) * units + u] = (f32[placeOf(rows, b, u)] ?? 0) * factor;
  }
}

/** A tensor of a trace in f64. */
export interface F64Tensor extends Tensor {
  readonly data: Float64Array;
}

/** A tensor of the trace, which begins as zeros. */
export function tensorOf(trace: Tensors, name: string, shape: readonly number[]): F64Tensor {
  const known = trace.get(name);
  if (known?.data instanceof Float64Array) return { ...known, data: known.data };
  const tensor: F64Tensor = { dtype: 'F64', shape, data: new Float64Array(sizeOf(shape)) };
  trace.set(name, tensor);
  return tensor;
}

/** Whether a row lies behind its sequence's end. */
export function isEnded({ lengths, sequences, steps }: SequenceShape, row: number): boolean {
  return lengths !== undefined && Math.floor(row / sequences) >= (lengths[row % sequences] ?? steps);
}

/** Index in `EngineMemory.f32` of an element of a matrix. */
export function placeOf({ address, stride }: Panels, row: number, column: number): number {
  return address / 4 + (column >> 3) * (stride / 4) + row * 8 + (column & 7);
}
