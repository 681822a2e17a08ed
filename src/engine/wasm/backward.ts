import { panelRange, type Panels } from './memory';
import { biasBlocks, cellCode, transposeWeights, type DirectionModel, type Stack } from './model';
import { weightBytes, type Operations } from './operations';
import type { BackwardPlan, DirectionPlan, LayerPlan, StackPlan } from './plan';
import { drop } from './forward';
import { writeRecurrence } from './recurrence';
import type { WasmState } from './state';
import { initialAdjoint, receiveFinal, type StateAdjoint } from './stateAdjoints';
import { runBackward } from './timesteps';

/** How a backward pass runs; as the forward pass before it. */
export interface BackwardOptions {
  readonly lengths: 'masked' | 'whole';
  readonly dropout: 'dropout' | 'no-dropout';
  readonly firstLayer?: number;
  /** What reaches last states from outside, by layer and direction; nothing when absent. */
  readonly final?: readonly (readonly StateAdjoint[] | undefined)[];
  /** Receives the adjoints of the states that the forward directions started from. */
  readonly initial?: WasmState;
}

/**
 * All parameter gradients below the output layer, from the adjoint of the top outputs in
 * `backward.adjoints[0]`. Derivatives take the place of gates, so this can be run once after a forward pass.
 */
export function backpropagate(operations: Operations, model: Stack, plan: StackPlan, backward: BackwardPlan, options: BackwardOptions): void {
  let [above, below] = backward.adjoints;
  for (let index = plan.layers.length - 1; index >= 0; index--) {
    const layer = plan.layers[index];
    if (!layer) continue;
    const wantsInputs = index > 0 || model.embedding !== undefined;
    transposeWeights(operations, layer.model, wantsInputs ? 'with-inputs' : 'without-inputs');

    const dOutput = panelRange(above, 0, layer.model.output.panels);
    const dense = layer.model.shape.connection === 'dense';
    // The adjoints of a dense connection's x stand in place already.
    const dx = dense ? panelRange(dOutput, 0, layer.model.x.panels) : panelRange(below, 0, layer.model.x.panels);
    const dHidden = dense ? panelRange(dOutput, layer.model.x.panels, layer.model.h.panels) : dOutput;
    connectBackward(operations, plan, backward, layer, { dHidden, dx: wantsInputs ? dx : undefined, spare: below });
    if (options.dropout === 'dropout' && layer.dropped !== layer.hidden) drop(operations, plan, layer.model, dHidden, dHidden, (options.firstLayer ?? 0) + index);

    const oneHot = index === 0 && model.input.kind === 'tokens' && !model.embedding;
    layer.model.directions.forEach((direction, d) => {
      const [buffers, carries] = [layer.directions[d], backward.carries[d]];
      if (!buffers || !carries) return;
      const { carry, finalCarry } = carries;
      const hidden = panelRange(dHidden, d * layer.model.unitPanels, layer.model.unitPanels);
      const outside = options.final?.[index]?.[d];
      const received = outside ? receiveFinal(operations.memory, plan, direction.direction, hidden, finalCarry, outside, options.lengths) : 0;
      writeRecurrence(operations.memory, plan, layer.model, direction, buffers, options.lengths, { hidden, carry, finalCarry: received });
    });
    runBackward(operations, plan, layer);
    layer.model.directions.forEach((direction, d) => {
      const buffers = layer.directions[d];
      if (!buffers) return;
      if (options.initial && direction.direction === 'forward') initialAdjoint(operations, plan, backward, layer.model, direction, buffers, { state: options.initial, index });
      directionGradients(operations, plan, backward, layer, direction, buffers, oneHot ? 'one-hot' : 'values');
      if (wantsInputs && direction.transposedIh) operations.product(plan.rows, inputGates(layer, buffers), direction.transposedIh, dx);
    });
    if (!dense) [above, below] = [below, above];
  }
  if (model.embedding) operations.scatter(plan.rows, panelRange(above, 0, model.embedding.value.nPanels), plan.tokens, model.embedding.gradient);
}

/**
 * Back through what leads around the layer: `dHidden` holds the adjoint of the output and becomes that of the
 * hidden states (dense: holds it already); `dx`, when wanted, becomes what reaches x around the layer.
 * `spare` has room for adjoints that nobody wants.
 */
function connectBackward(operations: Operations, plan: StackPlan, backward: BackwardPlan, layer: LayerPlan, { dHidden, dx, spare }: { dHidden: Panels; dx: Panels | undefined; spare: Panels }): void {
  const { rows } = plan;
  const { model, x, around, dropped, highwayGate: g } = layer;
  const kind = model.shape.connection;
  if (kind === 'none' && dx) operations.clear(rows, dx);
  if (kind === 'residual' && dx) aroundBackward(operations, rows, layer, dHidden, dx);
  if (kind !== 'highway' || !model.highway || !g || !x || !around) return;
  const dAround = panelRange(model.moveX ? backward.moved : (dx ?? spare), 0, model.h.panels);
  const da = panelRange(backward.highway, 0, model.h.panels);
  operations.highwayBackward(rows, g, dropped, around, dHidden, dAround, da);
  operations.outerProduct(rows, x, da, model.highway.weight.gradient.address, 'set');
  operations.sumRows(rows, da, model.highway.bias.gradient, 'set');
  if (!dx) return;
  if (model.moveX) aroundBackward(operations, rows, layer, dAround, dx);
  operations.product(rows, da, model.highway.transposed, dx);
}

/** dx = what reaches x as the connection reads it, moved back to where x lies. */
function aroundBackward(operations: Operations, rows: number, { model }: LayerPlan, dAround: Panels, dx: Panels): void {
  if (!model.moveX) return operations.copy(rows, dAround, dx);
  operations.clear(rows, dx);
  operations.moveColumns(rows, model.x.size, dAround, model.moveX.to, dx, model.moveX.from);
}

/** The blocks of pre-activations that come from xₜ. */
function inputGates({ model }: LayerPlan, { gates }: DirectionPlan): Panels {
  return panelRange(gates, 0, model.inputBlocks * model.unitPanels);
}

/** Weight and bias gradients of one direction, from the derivatives of all timesteps at once. */
function directionGradients(operations: Operations, plan: StackPlan, backward: BackwardPlan, layer: LayerPlan, direction: DirectionModel, buffers: DirectionPlan, inputs: 'one-hot' | 'values'): void {
  const { rows } = plan;
  const { unitPanels, code, inputBlocks, blocks } = layer.model;
  const fromInputs = inputGates(layer, buffers);
  const blocksOf = (first: number, count: number): Panels => panelRange(buffers.gates, first * unitPanels, count * unitPanels);

  if (inputs === 'one-hot') operations.scatter(rows, fromInputs, plan.tokens, direction.weightIh.gradient);
  else if (layer.x) operations.outerProduct(rows, panelRange(layer.x, 0, layer.model.x.panels), fromInputs, direction.weightIh.gradient.address, 'set');

  const { address } = direction.weightHh.gradient;
  if (code === cellCode['gru-reset-before']) {
    operations.outerProduct(rows, buffers.hiddenBefore, blocksOf(1, 2), address, 'set');
    operations.outerProduct(rows, blocksOf(3, 1), blocksOf(0, 1), address + weightBytes(unitPanels, 2 * unitPanels), 'set');
  } else operations.outerProduct(rows, buffers.hiddenBefore, blocksOf(code === cellCode.gru ? 1 : 0, inputBlocks), address, 'set');

  operations.sumRows(rows, blocksOf(0, blocks), backward.biasSums, 'set');
  operations.splitBiases(biasBlocks(layer.model), backward.biasSums, direction.biasIh.gradient, direction.biasHh.gradient);
}
