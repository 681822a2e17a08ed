import { Random } from '../shared/random';
import type { Direction } from '../spec/architecture';
import type { Batch, Checkpointed } from './engine';

/** Which Jacobians a carry is estimated for, and with how many vectors. */
export interface CarryRequest {
  /** Timesteps t of ∂sₜ/∂sₜ₋ₙ, ascending, in a direction's own order: a reverse direction's 0 is the last timestep. */
  readonly ends: readonly number[];
  /** Random vectors for each end and sequence. */
  readonly probes: number;
  /** Start of the vectors' random numbers: the same seed gives the same vectors in every engine. */
  readonly seed: number;
  readonly alive?: Checkpointed;
}

/** How strongly the states of one direction of a layer depend on its own earlier ones; no loss is involved. */
export interface DirectionCarry {
  readonly layer: number;
  readonly direction: Direction;
  /** What sₜ is: the cell state of an LSTM (its derivatives go through hₜ as well), the hidden state of other cells. */
  readonly state: 'h' | 'c';
  /**
   * ‖Jᵀv‖₂ with J = ∂sₜ/∂sₜ₋ₙ and v a random unit vector, [ends·probes, T, B]: entry (end·probes + probe, n, b).
   * NaN where t − n lies before the beginning, and where the sequence has ended before t. As E‖Jᵀv‖² = ‖J‖²_F / H, the
   * root mean square over vectors estimates the root mean square of J's singular values (Hutchinson 1990).
   */
  readonly norms: Float64Array;
}

/** Throws a RangeError when an end lies outside the batch. */
export function checkCarry({ steps }: Pick<Batch, 'steps'>, { ends, probes }: CarryRequest): void {
  const bad = ends.find((end) => !(Number.isInteger(end) && end >= 0 && end < steps));
  if (bad !== undefined) throw new RangeError(`a carry can end at timesteps 0 to ${steps - 1} (got ${bad})`);
  if (!(Number.isInteger(probes) && probes >= 1)) throw new RangeError(`a carry needs at least one vector (got ${probes})`);
}

/** The random unit vectors [B,H] of one end and probe of a layer's direction, uniform on the sphere. */
export function unitVectors(seed: number, place: number, sequences: number, units: number): Float64Array {
  const random = Random.fromSeed(seed, place);
  const vectors = Float64Array.from({ length: sequences * units }, () => random.normal());
  for (let b = 0; b < sequences; b++) {
    const vector = vectors.subarray(b * units, (b + 1) * units);
    const length = Math.hypot(...vector);
    vector.forEach((value, u) => (vector[u] = value / length));
  }
  return vectors;
}
