import { cellCode } from './model';
import type { Operations, Stages } from './operations';
import type { LayerPlan, StackPlan } from './plan';

/** Timesteps of all directions of a layer forwards, all of them or only [from, to) in their own order. */
export function runForward(operations: Operations, plan: StackPlan, layer: LayerPlan, from = 0, to = plan.steps): void {
  operations.recurForward(stagesOf(plan, layer, from, to));
}

/** And backwards, all of them. */
export function runBackward(operations: Operations, plan: StackPlan, layer: LayerPlan): void {
  operations.recurBackward(stagesOf(plan, layer, 0, plan.steps));
}

function stagesOf({ sequences }: StackPlan, { directions, model: { blocks, unitPanels, code } }: LayerPlan, from: number, to: number): Stages {
  const perStep = code === cellCode['gru-reset-before'] ? 2 : 1;
  // Of one panel of units: the product, and the cell's equations.
  const cost = sequences * 8 * blocks * (16 * unitPanels + 20);
  return { jobs: directions.map(({ job }) => job), unitPanels, first: from * perStep, count: (to - from) * perStep, cost: cost * directions.length };
}
