import type { CellKind } from '../../../src/spec/schema';
import type { BenchmarkNetwork } from '../../../src/training/benchmark';

/** A layer of H units that reads H values, B sequences of T timesteps. */
export interface Shape {
  readonly units: number;
  readonly batch: number;
  readonly window: number;
}

/** What the programs that measure steps are asked: one layer of a cell. */
export function layerRequest(cell: CellKind, { units, batch, window }: Shape): BenchmarkNetwork & { readonly batch: number; readonly window: number } {
  return { layers: [{ cell, units }], features: units, batch, window };
}

/** H, B, T. */
export function shapeName({ units, batch, window }: Shape): string {
  return `${units}, ${batch}, ${window}`;
}

/** a ÷ b, where both were measured. */
export function ratio(a: number | undefined, b: number | undefined): number | undefined {
  return a !== undefined && b !== undefined ? a / b : undefined;
}
