import { layerGroups, type ProcessingOrder } from '../order';
import { panelRange, skipRows, type Panels } from './memory';
import { biasBlocks, type DirectionModel, type LayerModel, type Stack } from './model';
import type { Operations } from './operations';
import type { DirectionPlan, LayerPlan, StackPlan } from './plan';
import { writeRecurrence } from './recurrence';
import { runForward } from './timesteps';

/** How a forward pass runs. */
export interface ForwardOptions {
  /** Whether forward directions start from states that stand in the plan (see `loadStates`), or like all others from zeros. */
  readonly start: 'zeros' | 'given';
  readonly lengths: 'masked' | 'whole';
  /** Whether hidden states are dropped, as in training, by the batch's seed. */
  readonly dropout: 'dropout' | 'no-dropout';
  /** Number of the lowest layer among all that draw dropout from the same seed; 0 when absent. */
  readonly firstLayer?: number;
  /** `layer-major` when absent. */
  readonly order?: ProcessingOrder;
}

/** All timesteps of all layers; the inputs stand in the plan's buffers. */
export function runLayers(operations: Operations, model: Stack, plan: StackPlan, options: ForwardOptions): void {
  if (plan.inputs) readInputs(operations, model, plan, plan.inputs);
  for (const layer of plan.layers) {
    layer.model.directions.forEach((direction, d) => {
      const buffers = layer.directions[d];
      if (!buffers) return;
      operations.combineBiases(biasBlocks(layer.model), direction.biasIh.value, direction.biasHh.value, direction.bias);
      clearStart(operations, plan, direction, buffers, options.start);
      writeRecurrence(operations.memory, plan, layer.model, direction, buffers, options.lengths);
    });
  }
  for (const group of layerGroups(plan.layers.map(({ model: { shape } }) => shape), options.order ?? 'layer-major')) {
    const together = group.length === 1 ? plan.steps : 1;
    for (let t = 0; t < plan.steps; t += together) for (const index of group) runTimesteps(operations, model, plan, index, t, together, options);
  }
}

/** What the lowest layer reads: values, embedded tokens, or one-hot tokens where a connection wants them. */
function readInputs(operations: Operations, { input, embedding }: Stack, { rows, values, tokens }: StackPlan, inputs: Panels): void {
  if (input.kind === 'values') operations.readValues(rows, input.features, values, inputs);
  else if (embedding) operations.gather(rows, embedding.value, tokens, 0, inputs);
  else operations.oneHot(rows, tokens, inputs);
}

/** `count` timesteps of a layer from `first` on; of a layer with a reverse direction always all. */
function runTimesteps(operations: Operations, model: Stack, plan: StackPlan, index: number, first: number, count: number, options: ForwardOptions): void {
  const whole = plan.layers[index];
  if (!whole) return;
  const firstRow = first * plan.sequences;
  const part: StackPlan = { ...plan, rows: count * plan.sequences, tokens: plan.tokens + firstRow * 4 };
  const layer = count === plan.steps ? whole : fromRow(whole, firstRow);
  projectInputs(operations, model, part, layer, index);
  runForward(operations, plan, whole, first, first + count);
  if (layer.dropped !== layer.hidden) {
    if (options.dropout === 'no-dropout') operations.copy(part.rows, layer.hidden, layer.dropped);
    else drop(operations, part, layer.model, layer.hidden, layer.dropped, (options.firstLayer ?? 0) + index, firstRow);
  }
  connect(operations, part, layer);
}

/** A layer's buffers from this row on. */
function fromRow(layer: LayerPlan, row: number): LayerPlan {
  const hidden = skipRows(layer.hidden, row);
  const skip = (matrix: Panels | undefined): Panels | undefined => matrix && skipRows(matrix, row);
  return {
    ...layer,
    x: skip(layer.x),
    around: skip(layer.around),
    directions: layer.directions.map((buffers) => ({ ...buffers, gates: skipRows(buffers.gates, row) })),
    hidden,
    dropped: layer.dropped === layer.hidden ? hidden : skipRows(layer.dropped, row),
    highwayGate: skip(layer.highwayGate),
    output: skipRows(layer.output, row),
  };
}

/** Pre-activations of the plan's timesteps: the biases, and what comes from xₜ in one product (of one-hot inputs: one lookup). */
function projectInputs(operations: Operations, model: Stack, plan: StackPlan, layer: LayerPlan, index: number): void {
  const { unitPanels, inputBlocks, blocks } = layer.model;
  const oneHot = index === 0 && model.input.kind === 'tokens' && !model.embedding;
  layer.model.directions.forEach(({ bias, weightIh }, d) => {
    const gates = layer.directions[d]?.gates;
    if (!gates) return;
    const fromInputs = panelRange(gates, 0, inputBlocks * unitPanels);
    if (oneHot) {
      operations.gather(plan.rows, weightIh.value, plan.tokens, bias, fromInputs);
      operations.broadcast(plan.rows, bias + inputBlocks * unitPanels * 32, panelRange(gates, inputBlocks * unitPanels, (blocks - inputBlocks) * unitPanels));
    } else if (layer.x) {
      operations.broadcast(plan.rows, bias, gates);
      operations.product(plan.rows, layer.x, weightIh.value, fromInputs);
    }
  });
}

/** The states before the first timestep become zeros, unless those of forward directions are given. */
function clearStart(operations: Operations, plan: StackPlan, { direction }: DirectionModel, { states, cellStates }: DirectionPlan, start: ForwardOptions['start']): void {
  if (direction === 'forward' && start === 'given') return;
  const skip = direction === 'forward' ? 0 : plan.rows + plan.sequences;
  for (const matrix of [states, cellStates]) if (matrix) operations.clear(plan.sequences, skipRows(matrix, skip));
}

/** out = h with its dropout factors, of this layer among all that draw from a seed; `h` and `out` have all directions side by side and begin at row `firstRow` of the layer's. Serves both ways. */
export function drop(operations: Operations, { rows }: StackPlan, { shape, unitPanels, directions }: LayerModel, h: Panels, out: Panels, layer: number, firstRow = 0): void {
  directions.forEach((_, d) => {
    const part = (matrix: Panels): Panels => panelRange(matrix, d * unitPanels, unitPanels);
    operations.dropout(rows, part(h), part(out), { layer, rate: shape.dropout, column: d * shape.units, width: shape.cellSize, firstRow });
  });
}

/**
 * What leads around the layer: residual h + x, dense [x, h], highway g ⊙ h + (1 − g) ⊙ x with g = σ(Wx + b).
 */
function connect(operations: Operations, plan: StackPlan, { model, x, around, dropped, highwayGate, output }: LayerPlan): void {
  const { rows } = plan;
  const kind = model.shape.connection;
  if (kind === 'none' || !x || !around) return;
  if (kind === 'dense') {
    operations.copy(rows, x, panelRange(output, 0, model.x.panels));
    operations.copy(rows, dropped, panelRange(output, model.x.panels, model.h.panels));
    return;
  }
  if (model.moveX) {
    operations.clear(rows, around);
    operations.moveColumns(rows, model.x.size, x, model.moveX.from, around, model.moveX.to);
  }
  if (kind === 'residual') operations.add(rows, dropped, around, output);
  else if (model.highway && highwayGate) {
    const g = highwayGate;
    operations.broadcast(rows, model.highway.bias.value, g);
    operations.product(rows, x, model.highway.weight.value, g);
    operations.highwayForward(rows, g, output, dropped, around);
  }
}
