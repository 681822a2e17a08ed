import type { Arena, Panels } from './memory';
import type { LayerModel, Stack } from './model';
import type { StackPlan } from './plan';
import type { ScaledRows } from './scaledRows';

/** Buffers of an `AdjointPass`, for several losses ("copies") that travel together. */
export interface AdjointBuffers {
  /** Of all timesteps: what is above and below a layer, in turn. */
  readonly above: ScaledRows;
  readonly below: ScaledRows;
  /** See `PathAdjoints`; only of passes that tell paths apart, of models with connections. */
  readonly transform: ScaledRows | undefined;
  /** Of one timestep. */
  readonly hidden: Panels;
  readonly carry: Panels;
  readonly gates: Panels;
  readonly inputs: Panels;
  readonly around: Panels;
  /** Of `hidden` and `carry`, i32. */
  readonly exponents: number;
  /** An `Adjoints` of `src/engine/kernels/cells/cell.ts`. */
  readonly adjoints: number;
}

/** Takes them from `arena`. */
export function takeBuffers(arena: Arena, model: Stack, { rows, sequences }: StackPlan, copies: number, paths: 'with-paths' | 'without-paths'): AdjointBuffers {
  const widest = widestOf(model);
  const most = (panels: (layer: LayerModel) => number): number => Math.max(0, ...model.layers.map(panels));
  const scaled = (): ScaledRows => ({ rows: arena.panels(rows * copies, widest), exponents: arena.take(rows * copies * 4) });
  const together = sequences * copies;
  return {
    above: scaled(),
    below: scaled(),
    transform: paths === 'with-paths' && model.layers.some(({ shape }) => shape.connection !== 'none') ? scaled() : undefined,
    hidden: arena.panels(together, most(({ unitPanels }) => unitPanels)),
    carry: arena.panels(together, most(({ unitPanels }) => unitPanels)),
    gates: arena.panels(together, most(({ blocks, unitPanels, h }) => Math.max(blocks * unitPanels, h.panels))),
    inputs: arena.panels(together, most(({ x }) => x.panels)),
    around: arena.panels(together, most(({ h }) => h.panels)),
    exponents: arena.take(together * 4),
    adjoints: arena.take(28),
  };
}

/** Panels of the widest matrix between two layers that an adjoint pass holds. */
export function widestOf({ layers, output }: Stack): number {
  return Math.max(output.panels, ...layers.map((layer) => layer.output.panels), ...layers.filter(({ shape }, index) => index > 0 || shape.connection !== 'none').map(({ x }) => x.panels));
}
