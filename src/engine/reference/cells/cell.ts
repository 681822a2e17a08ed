import type { Linear } from '../linear';
import type { Matrix } from '../matrix';

/** Parameters of one direction of a layer, or the gradients of them; G gates one below the other. */
export interface CellParameters {
  /** W_ih [G·H,I] and b_ih [G·H]. */
  readonly input: Linear;
  /** W_hh [G·H,H] and b_hh [G·H]. */
  readonly recurrent: Linear;
}

/** What a cell hands to its next timestep, one row a sequence [B,H]; or the adjoint of it. */
export interface CellState {
  readonly h: Matrix;
  /** The cell state, of an LSTM only; absent: zeros. */
  readonly c?: Matrix;
}

/** Adjoints of what a step read. */
export interface CellAdjoints {
  /** ∂/∂(hₜ₋₁, cₜ₋₁). */
  readonly before: CellState;
  /** ∂/∂cₜ in total, through hₜ and through cₜ₊₁ (LSTM only). */
  readonly c?: Matrix;
  /** ∂/∂xₜ [n·B,I]; computed when asked for, as nobody needs those of one-hot inputs. */
  inputs(): Matrix;
}

/**
 * One timestep, which knows the way back through itself.
 *
 * `backward` takes the total adjoint of hₜ and what reaches cₜ from cₜ₊₁. They may have n·B rows, row r
 * about sequence r mod B, so that the adjoints of n losses travel back together. Given `gradients`
 * (with n = 1), it adds this step's share to them.
 */
export interface CellStep {
  readonly state: CellState;
  /** Gates after their nonlinearities [B,H], by the names of the trace. */
  readonly gates: Readonly<Record<string, Matrix>>;
  backward(adjoint: CellState, gradients?: CellParameters): CellAdjoints;
}

/** The equations of one timestep: from the parameters, xₜ [B,I] and the state before. */
export type Cell = (parameters: CellParameters, x: Matrix, before: CellState) => CellStep;
