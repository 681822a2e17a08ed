import type { Columns } from './columns';
import type { EngineMemory, Panels } from './memory';

/** The first rows of a matrix in panels as numbers, row-major [rows, features]. */
export function readRows({ f32 }: EngineMemory, { address, stride }: Panels, { size, place }: Columns, rows: number): Float32Array {
  const data = new Float32Array(rows * size);
  for (let feature = 0; feature < size; feature++) {
    const column = place[feature] ?? 0;
    const first = address / 4 + (column >> 3) * (stride / 4) + (column & 7);
    for (let row = 0; row < rows; row++) data[row * size + feature] = f32[first + row * 8] ?? 0;
  }
  return data;
}

/** The first rows of all panels as they lie in memory, one panel after the other. */
export function savePanels({ f32 }: EngineMemory, { address, stride, panels }: Panels, rows: number): Float32Array {
  const data = new Float32Array(panels * rows * 8);
  for (let panel = 0; panel < panels; panel++) data.set(f32.subarray((address + panel * stride) / 4, (address + panel * stride) / 4 + rows * 8), panel * rows * 8);
  return data;
}

/** The reverse. */
export function restorePanels({ f32 }: EngineMemory, { address, stride, panels }: Panels, rows: number, data: Float32Array): void {
  for (let panel = 0; panel < panels; panel++) f32.set(data.subarray(panel * rows * 8, (panel + 1) * rows * 8), (address + panel * stride) / 4);
}
