import { sizeOf } from '../shared/tensor';
import { parameterShapes, type Architecture, type LayerShape } from '../spec/architecture';
import type { CellKind } from '../spec/schema';

/** What the addresses of WebAssembly reach: 4 GiB. */
const mostBytes = 2 ** 32;

/** Numbers that BPTT keeps of a unit and timestep: gates, states, and what a derivative needs of them; LSTM: c and tanh c, GRU: the reset gate's operand. */
const keptPerUnit: Readonly<Record<CellKind, number>> = { lstm: 4 + 1 + 2, gru: 3 + 1 + 1, rnn: 1 + 1 };

/**
 * Bytes that a training step needs at least, in f32: parameters and their gradients, and for each of so many rows (T·B)
 * the inputs, gates and states of all layers with the adjoints above and, between layers, below one of them.
 */
export function bytesNeeded(architecture: Architecture, rows: number): number {
  const { input, encoder } = architecture;
  const layers: readonly LayerShape[] = [...(encoder?.layers ?? []), ...architecture.layers];
  const features = input.kind === 'values' ? input.features : 0;
  const kept = layers.reduce((sum, { cell, cellSize }) => sum + keptPerUnit[cell] * cellSize, features);
  const adjoints = Math.max(0, ...layers.map(({ outputSize }) => outputSize)) * (layers.length > 1 ? 2 : 1);
  const parameters = parameterShapes(architecture).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return 4 * (rows * (kept + adjoints) + 2 * parameters);
}

/** Throws what `noRoom` gives before anything is made for a network and its batches that cannot have room. */
export function expectRoom(architecture: Architecture, steps: number, sequences: number): void {
  const needed = bytesNeeded(architecture, steps * sequences);
  if (needed > mostBytes) throw noRoom(needed);
}

/** What to tell a person when this many bytes are more than can be had. */
export function noRoom(bytes: number): RangeError {
  const gibibytes = (bytes / 2 ** 30).toLocaleString('en', { maximumSignificantDigits: 2 });
  return new RangeError(`this model and batch need ${gibibytes} GiB of memory, more than the engine can have (${mostBytes / 2 ** 30} GiB, or what is free); use fewer units, a smaller batch or a shorter window`);
}
