import type { Arena, Panels } from './memory';
import type { LayerModel, Stack } from './model';
import { weightBytes } from './operations';
import type { ScaledRows } from './scaledRows';

/** Buffers of an `AdjointPass`, for several losses ("copies") that travel together. */
export interface AdjointBuffers {
  /** Of all timesteps: what is above and below a layer, in turn. */
  readonly above: ScaledRows;
  readonly below: ScaledRows;
  /** See `PathAdjoints`; only of passes that tell paths apart, of models with connections. */
  readonly transform: ScaledRows | undefined;
  /** ∂/∂hₜ and what a cell carries beside it, of two timesteps in turn. */
  readonly states: readonly [Panels, Panels];
  /** Of one timestep. */
  readonly gates: Panels;
  readonly inputs: Panels;
  readonly around: Panels;
  /** Of `states`, i32. */
  readonly exponents: number;
  /** An `Adjoints` of `src/engine/kernels/cells/cell.ts` for each layer and direction: a recorded pass reads them later. */
  readonly adjoints: readonly (readonly number[])[];
  /** What losses share that go back through the same timesteps of one sequence; see `ThroughCell`. */
  readonly slopes: Panels;
  readonly jacobians: { readonly states: number; readonly inputs: number };
}

/** Losses from which on it pays to sum a timestep's gates once for all. */
const worthJacobian = 8;

/** Whether losses go back through Jacobians that they share; see `ThroughCell`. */
export function sharesJacobians(copies: number, sequences: number): boolean {
  return sequences === 1 && copies >= worthJacobian;
}

/** Takes them from `arena`, for passes of so many timesteps, losses, and sequences of each. */
export function takeBuffers(arena: Arena, model: Stack, steps: number, copies: number, sequences: number, paths: 'with-paths' | 'without-paths'): AdjointBuffers {
  const rows = steps * sequences;
  const widest = widestOf(model);
  const most = (panels: (layer: LayerModel) => number): number => Math.max(0, ...model.layers.map(panels));
  const scaled = (): ScaledRows => ({ rows: arena.panels(rows * copies, widest), exponents: arena.take(rows * copies * 4) });
  const together = sequences * copies;
  const shared = sharesJacobians(copies, sequences) ? 1 : 0;
  const states = (): Panels => arena.panels(together, most(({ unitPanels }) => 2 * unitPanels));
  return {
    above: scaled(),
    below: scaled(),
    transform: paths === 'with-paths' && model.layers.some(({ shape }) => shape.connection !== 'none') ? scaled() : undefined,
    states: [states(), states()],
    gates: arena.panels(together, most(({ blocks, unitPanels, h }) => Math.max(blocks * unitPanels, h.panels))),
    inputs: arena.panels(together, most(({ x }) => x.panels)),
    around: arena.panels(together, most(({ h }) => h.panels)),
    exponents: arena.take(together * 4),
    adjoints: model.layers.map(({ directions }) => directions.map(() => arena.take(28))),
    slopes: arena.panels(steps, shared * most(({ blocks, unitPanels }) => 2 * (blocks + 1) * unitPanels)),
    jacobians: { states: arena.take(shared * most(({ unitPanels }) => weightBytes(2 * unitPanels, unitPanels))), inputs: arena.take(shared * most(({ unitPanels, x }) => weightBytes(2 * unitPanels, x.panels))) },
  };
}

/** Panels of the widest matrix between two layers that an adjoint pass holds. */
export function widestOf({ layers, output }: Stack): number {
  return Math.max(output.panels, ...layers.map((layer) => layer.output.panels), ...layers.filter(({ shape }, index) => index > 0 || shape.connection !== 'none').map(({ x }) => x.panels));
}
