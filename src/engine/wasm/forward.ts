import { dropoutKey } from '../dropout';
import { layerGroups, type ProcessingOrder } from '../order';
import { panelRange, skipRows, type EngineMemory, type Panels } from './memory';
import { combineBiases, type LayerModel, type Stack } from './model';
import type { Operations } from './operations';
import type { LayerPlan, StackPlan } from './plan';
import { writeRecurrence } from './recurrence';
import type { WasmState } from './state';
import { runForward } from './timesteps';

/** How a forward pass runs. */
export interface ForwardOptions {
  /** Where the states start; zeros when absent. */
  readonly state: WasmState | undefined;
  readonly lengths: 'masked' | 'whole';
  /** Drops hidden states, as training does; absent: no dropout. */
  readonly dropoutSeed: number | undefined;
  /** Number of the lowest layer among all that draw dropout from this seed; 0 when absent. */
  readonly firstLayer?: number;
  /** `layer-major` when absent. */
  readonly order?: ProcessingOrder;
}

/** All timesteps of all layers; the inputs stand in the plan's buffers. */
export function runLayers(operations: Operations, memory: EngineMemory, model: Stack, plan: StackPlan, options: ForwardOptions): void {
  if (model.embedding && plan.inputs) operations.gather(plan.rows, model.embedding.value, plan.tokens, 0, plan.inputs);
  else if (model.input.kind === 'tokens' && plan.inputs) {
    operations.clear(plan.rows, plan.inputs);
    operations.kernels.oneHot(plan.rows, plan.tokens, plan.inputs.address, plan.inputs.stride);
  }
  plan.layers.forEach((layer, index) => {
    combineBiases(memory, layer.model);
    layer.model.directions.forEach((direction, d) => {
      const buffers = layer.directions[d];
      if (!buffers) return;
      startStates(operations, memory, plan, layer, index, d, options.state);
      writeRecurrence(memory, plan, layer.model, direction, buffers, options.lengths);
    });
  });
  for (const group of layerGroups(plan.layers.map(({ model: { shape } }) => shape), options.order ?? 'layer-major')) {
    const together = group.length === 1 ? plan.steps : 1;
    for (let t = 0; t < plan.steps; t += together) for (const index of group) runTimesteps(operations, memory, model, plan, index, t, together, options);
  }
}

/** `count` timesteps of a layer from `first` on; of a layer with a reverse direction always all. */
function runTimesteps(operations: Operations, memory: EngineMemory, model: Stack, plan: StackPlan, index: number, first: number, count: number, options: ForwardOptions): void {
  const whole = plan.layers[index];
  if (!whole) return;
  const firstRow = first * plan.sequences;
  const part: StackPlan = { ...plan, rows: count * plan.sequences, tokens: plan.tokens + firstRow * 4 };
  const layer = count === plan.steps ? whole : fromRow(whole, firstRow);
  projectInputs(operations, model, part, layer, index);
  runForward(operations, memory, plan, whole, first, first + count);
  if (layer.dropped !== layer.hidden) {
    if (options.dropoutSeed === undefined) operations.copy(part.rows, layer.hidden, layer.dropped);
    else drop(operations, part, layer.model, layer.hidden, layer.dropped, dropoutKey(options.dropoutSeed, (options.firstLayer ?? 0) + index), firstRow);
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

/** The states before the first timestep: those of `state` for the forward direction, zeros otherwise. */
function startStates({ kernels }: Operations, memory: EngineMemory, plan: StackPlan, layer: LayerPlan, index: number, d: number, state: WasmState | undefined): void {
  const buffers = layer.directions[d];
  if (!buffers) return;
  const forward = layer.model.directions[d]?.direction === 'forward';
  const skip = forward ? 0 : plan.rows + plan.sequences;
  for (const [part, matrix] of [['h', buffers.states], ['c', buffers.cellStates]] as const) {
    if (!matrix) continue;
    const rows = skipRows(matrix, skip);
    kernels.clear(plan.sequences, rows.panels, rows.address, rows.stride);
    if (forward && state) state.load(memory, index, part, rows);
  }
}

/** out = h with its dropout factors; `h` and `out` have all directions side by side and begin at row `firstRow` of the layer's. Serves both ways. */
export function drop(operations: Operations, plan: StackPlan, { shape, unitPanels, directions }: LayerModel, h: Panels, out: Panels, key: number, firstRow = 0): void {
  const scale = 1 / (1 - shape.dropout);
  // A hash u is dropped when u·2⁻³² < rate.
  const threshold = Math.ceil(shape.dropout * 2 ** 32);
  directions.forEach((_, d) => {
    const [from, to] = [panelRange(h, d * unitPanels, unitPanels), panelRange(out, d * unitPanels, unitPanels)];
    const column = firstRow * shape.cellSize + d * shape.units;
    operations.panels(plan.rows, unitPanels, 1.2, (kernels, first, last) => kernels.dropout(plan.rows, last - first, column + first * 8, shape.cellSize, key, threshold, scale, from.address + first * from.stride, from.stride, to.address + first * to.stride, to.stride));
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
    operations.panels(rows, g.panels, 2, (kernels, from, to) =>
      kernels.highwayForward(rows, to - from, g.address + from * g.stride, output.address + from * g.stride, g.stride, dropped.address + from * dropped.stride, dropped.stride, around.address + from * around.stride, around.stride),
    );
  }
}
