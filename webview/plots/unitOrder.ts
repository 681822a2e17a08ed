import { meanOverTime } from './bandModel';
import type { Series } from './numbers';

/** Rows of a unit × time heatmap from the top: which unit each one shows. */
export interface UnitOrder {
  /** Unit of each row. */
  readonly units: readonly number[];
  /** Time constant of each row's unit in steps, when the cell has a gate that keeps its state. */
  readonly timeConstants?: readonly number[];
}

/**
 * How long a unit keeps its state on average, in steps: τ = −1 / ln(mean keep gate),
 * [units]. The keep gate is the LSTM's forget gate or the GRU's z, both "1 keeps".
 */
export function timeConstants(keepGate: Series): Float64Array {
  return meanOverTime(keepGate).map((mean) => -1 / Math.log(mean));
}

/** The longest memory on top; in order of index when no gate keeps state (vanilla RNN). */
export function orderUnits(width: number, keepGate: Series | undefined): UnitOrder {
  const units = Array.from({ length: width }, (_, unit) => unit);
  if (!keepGate) return { units };
  const constants = timeConstants(keepGate);
  units.sort((a, b) => (constants[b] ?? 0) - (constants[a] ?? 0) || a - b);
  return { units, timeConstants: units.map((unit) => constants[unit] ?? Number.NaN) };
}
