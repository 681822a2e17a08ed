import type { Tensor, Tensors } from '../../shared/tensor';
import type { Batch, TraceOptions } from '../engine';
import { orderTensors, type ProcessingOrder } from '../order';
import { AdjointPass, type AdjointStep, type PathAdjoints, type ScaledRows } from './adjoints';
import { backpropagate } from './backward';
import { plainColumns, type Columns } from './columns';
import { runLayers } from './forward';
import type { Head } from './head';
import { Arena, panelRange, skipRows, type EngineMemory, type Panels } from './memory';
import type { LayerModel, Model } from './model';
import type { Operations } from './operations';
import type { BackwardPlan, LayerPlan, Plan } from './plan';

/** Memory for the adjoints of several positions at once; more positions than fit go in several passes. */
const flowBytes = 128 * 2 ** 20;

/** What a trace is made of. */
export interface TraceContext {
  readonly operations: Operations;
  readonly memory: EngineMemory;
  readonly model: Model;
  readonly plan: Plan;
  readonly backward: BackwardPlan;
  readonly head: Head;
  readonly lengths: 'masked' | 'whole';
  readonly order: ProcessingOrder;
}

/**
 * Everything of a trace file for one batch, whose inputs stand in the plan already: sequence tensors are
 * [T,B,·] in input order and 0 at padded positions. Values are F32; derivatives of the loss by states, norms
 * and losses F64, because they may lie far below f32's range.
 */
export function traceBatch(context: TraceContext, batch: Batch, { flow }: TraceOptions): Tensors {
  const { operations, memory, model, plan, backward, head, lengths, order } = context;
  const trace: Tensors = new Map();
  runLayers(operations, memory, model, plan, { state: undefined, lengths, dropoutSeed: undefined, order });
  const positions = head.writeTargets(batch);
  const reader = new Reader(context, batch);

  plan.layers.forEach((layer, index) => putStates(trace, reader, layer, index));

  // Adjoints of what the output layer read, of every position's own loss, behind the plan.
  const arena = new Arena(plan.end);
  const dRead = arena.panels(plan.head.rows, model.head.weight.value.kPanels);
  memory.reserve(arena.end);
  const logits = readLosses(context, batch, dRead);

  putGradients(trace, context, batch, reader, arena.end, dRead, positions);
  if (flow === 'with-flow') putFlow(trace, context, batch, arena.end, dRead);

  trace.set('output.logits', logits);
  const { sum } = head.train(batch, backward.adjoints[0]);
  backpropagate(operations, memory, model, plan, backward, { lengths, dropoutSeed: undefined });
  trace.set('loss', { dtype: 'F64', shape: [], data: Float64Array.of(positions > 0 ? sum / positions : 0) });
  trace.set('loss.position', positionLosses(context));
  for (const [name, tensor] of model.store.read('gradients', (parameter) => `grad.param.${parameter}`)) trace.set(name, tensor);
  for (const [name, tensor] of orderTensors(model.architecture, batch, order)) trace.set(name, tensor);
  return trace;
}

/** The trace's names of a cell's gates, and their blocks of the pre-activations. */
function gateBlocks({ shape: { cell } }: LayerModel): readonly (readonly [string, number])[] {
  if (cell === 'lstm') return [['input', 0], ['forget', 1], ['cell', 2], ['output', 3]];
  if (cell === 'gru') return [['reset', 1], ['update', 2], ['new', 0]];
  return [];
}

function putStates(trace: Tensors, reader: Reader, layer: LayerPlan, index: number): void {
  const { model } = layer;
  const { unitPanels, shape } = model;
  const units = plainColumns(shape.units);
  model.directions.forEach(({ direction }, d) => {
    const buffers = layer.directions[d];
    if (!buffers) return;
    const place = `layer${index}.${direction}`;
    for (const [gate, block] of gateBlocks(model)) trace.set(`${place}.gate.${gate}`, reader.sequence(panelRange(buffers.gates, block * unitPanels, unitPanels), units));
    trace.set(`${place}.h`, reader.sequence(buffers.hidden, units));
    if (buffers.cellStates) trace.set(`${place}.c`, reader.sequence(skipRows(buffers.cellStates, reader.sequences), units));
  });
  if (layer.highwayGate) trace.set(`layer${index}.connection.gate`, reader.sequence(layer.highwayGate, model.h));
}

/** Logits and losses of all positions, and ∂ℓ/∂(what the output layer read) of each row's own loss into `dRead`. */
export function readLosses({ operations, memory, model, plan, head }: Omit<TraceContext, 'backward' | 'lengths' | 'order'>, batch: Batch, dRead: Panels): Tensor {
  const { outputs, loss } = model.architecture;
  const data = new Float32Array(plan.head.rows * outputs);
  const read = head.read(batch.lengths);
  operations.transpose(model.head.weight.value, model.head.transposed.address);
  operations.clear(plan.head.rows, dRead);
  for (const [from, rows] of head.chunks()) {
    const logits = head.logits(read, from, rows);
    for (let row = 0; row < rows; row++) {
      if (loss !== 'class' && isEnded(batch, from + row)) continue;
      for (let j = 0; j < outputs; j++) data[(from + row) * outputs + j] = memory.f32[placeOf(logits, row, j)] ?? 0;
    }
    head.losses(logits, from, rows, logits, 1);
    operations.product(rows, logits, model.head.transposed, skipRows(dRead, from));
  }
  return { dtype: 'F32', shape: [plan.head.rows / plan.sequences, plan.sequences, outputs], data };
}

/** Derivatives of the mean loss by all states: one adjoint of each sequence, of all its positions together. */
function putGradients(trace: Tensors, { operations, memory, model, plan, head, lengths }: TraceContext, batch: Batch, reader: Reader, start: number, dRead: Panels, positions: number): void {
  const arena = new Arena(start);
  const pass = new AdjointPass(operations, memory, model, plan, arena, 1, lengths, 'with-paths');
  const widest = Math.max(0, ...model.layers.map(({ unitPanels }) => unitPanels));
  const total = arena.panels(plan.sequences, widest);
  const norms = arena.take(plan.rows * 8);
  memory.reserve(arena.end);
  const above = pass.begin();
  const dTop = panelRange(above.rows, 0, dRead.panels);
  if (plan.head.last) head.readBackward(batch.lengths, dRead, dTop);
  else operations.copy(plan.rows, dRead, dTop);
  memory.i32.fill(0, above.exponents / 4, above.exponents / 4 + plan.rows);

  const scale = positions > 0 ? 1 / positions : 0;
  const step = ({ layer, layerIndex, directionIndex, t, hidden, partial, adjoints }: AdjointStep): void => {
    const direction = layer.model.directions[directionIndex]?.direction ?? 'forward';
    const place = `layer${layerIndex}.${direction}`;
    const units = layer.model.shape.units;
    reader.step(trace, `${place}.grad.h`, units, t, hidden, scale);
    reader.step(trace, `${place}.grad.h.partial`, units, t, partial, scale);
    const job = layer.directions[directionIndex]?.job;
    if (layer.model.shape.cell !== 'lstm' || job === undefined) return;
    operations.kernels.cellStateAdjoint(job, adjoints, t, total.address, total.stride);
    reader.step(trace, `${place}.grad.c`, units, t, { rows: total, exponents: hidden.exponents }, scale);
  };
  const paths = ({ layerIndex, ...ways }: PathAdjoints): void => {
    for (const path of ['identity', 'transform'] as const) {
      const { rows, exponents } = ways[path];
      operations.kernels.rowNorms(0, plan.rows, rows.panels, rows.address, rows.stride, exponents, norms);
      const data = memory.f64.slice(norms / 8, norms / 8 + plan.rows).map((norm) => norm * scale);
      trace.set(`layer${layerIndex}.connection.grad.${path}`, { dtype: 'F64', shape: [plan.steps, plan.sequences], data });
    }
  };
  pass.run({ step, paths });
}

/**
 * The flow matrices [P,T]: row t holds the mean, over the sequences with a loss at t, of ‖∂ℓₜ,ᵦ/∂hₖ,ᵦ‖₂. The
 * adjoints of as many positions as fit go back together.
 */
function putFlow(trace: Tensors, { operations, memory, model, plan, head, lengths }: TraceContext, batch: Batch, start: number, dRead: Panels): void {
  const { sequences, steps } = plan;
  const once = plan.head.last !== undefined;
  const positions = plan.head.rows / sequences;
  const fits = Math.max(1, Math.floor(flowBytes / AdjointPass.bytesPerCopy(model, plan)));
  const copies = Math.min(positions, fits);
  for (let first = 0; first < positions; first += copies) {
    const together = Math.min(copies, positions - first);
    const arena = new Arena(start);
    const pass = new AdjointPass(operations, memory, model, plan, arena, together, lengths, 'without-paths');
    const norms = arena.take(together * sequences * 8);
    memory.reserve(arena.end);
    const above = pass.begin();
    const dTop = panelRange(above.rows, 0, dRead.panels);
    if (once) {
      head.readBackward(batch.lengths, dRead, dTop);
      memory.i32.fill(0, above.exponents / 4, above.exponents / 4 + plan.rows);
    } else {
      for (let copy = 0; copy < together; copy++) {
        const row = ((first + copy) * together + copy) * sequences;
        operations.copy(sequences, skipRows(dRead, (first + copy) * sequences), skipRows(dTop, row));
        memory.i32.fill(0, above.exponents / 4 + row, above.exponents / 4 + row + sequences);
      }
    }
    const observe = ({ layer, layerIndex, directionIndex, t, hidden, from, to }: AdjointStep): void => {
      const name = `layer${layerIndex}.${layer.model.directions[directionIndex]?.direction ?? 'forward'}.flow`;
      const matrix = tensorOf(trace, name, [positions, steps]);
      operations.kernels.rowNorms(from * sequences, to * sequences, layer.model.unitPanels, hidden.rows.address, hidden.rows.stride, hidden.exponents, norms);
      for (let copy = from; copy < to; copy++) {
        let [sum, count] = [0, 0];
        for (let b = 0; b < sequences; b++) {
          if (!counts(memory, plan, (first + copy) * sequences + b)) continue;
          sum += memory.f64[norms / 8 + copy * sequences + b] ?? 0;
          count++;
        }
        matrix[(first + copy) * steps + t] = count > 0 ? sum / count : 0;
      }
    };
    pass.run({ step: observe }, once ? undefined : first);
  }
}

/** The mean loss of each position over the sequences that have one there; 0 where none has. */
/** The mean loss of each position, once losses stand in the plan. */
export function positionLosses({ memory, plan }: Pick<TraceContext, 'memory' | 'plan'>): Tensor {
  const { sequences } = plan;
  const data = new Float64Array(plan.head.rows / sequences);
  for (let position = 0; position < data.length; position++) {
    let [sum, count] = [0, 0];
    for (let b = 0; b < sequences; b++) {
      if (!counts(memory, plan, position * sequences + b)) continue;
      sum += memory.f64[plan.head.losses / 8 + position * sequences + b] ?? 0;
      count++;
    }
    data[position] = count > 0 ? sum / count : 0;
  }
  return { dtype: 'F64', shape: [data.length], data };
}

/** Whether a row has a loss. */
function counts({ i32 }: EngineMemory, { head }: Plan, row: number): boolean {
  const mark = i32[head.marks / 4 + row] ?? 0;
  return head.targets ? mark > 0 : mark >= 0;
}

/** Whether a row lies behind its sequence's end. */
function isEnded({ lengths, sequences, steps }: Batch, row: number): boolean {
  return lengths !== undefined && Math.floor(row / sequences) >= (lengths[row % sequences] ?? steps);
}

/** Index in `EngineMemory.f32` of an element of a matrix. */
function placeOf({ address, stride }: Panels, row: number, column: number): number {
  return address / 4 + (column >> 3) * (stride / 4) + row * 8 + (column & 7);
}

/** The data of a tensor of the trace, which begins as zeros. */
function tensorOf(trace: Tensors, name: string, shape: readonly number[]): Float64Array {
  const known = trace.get(name);
  if (known?.data instanceof Float64Array) return known.data;
  const data = new Float64Array(shape.reduce((product, size) => product * size, 1));
  trace.set(name, { dtype: 'F64', shape, data });
  return data;
}

/** Reads matrices of the plan as row-major tensors. */
class Reader {
  readonly #memory: EngineMemory;
  readonly #batch: Batch;
  readonly sequences: number;

  constructor({ memory }: TraceContext, batch: Batch) {
    this.#memory = memory;
    this.#batch = batch;
    this.sequences = batch.sequences;
  }

  /** [T,B,features], 0 at padded positions. */
  sequence(matrix: Panels, { size, place }: Columns): Tensor {
    const { steps, sequences } = this.#batch;
    const data = new Float32Array(steps * sequences * size);
    for (let row = 0; row < steps * sequences; row++) {
      if (isEnded(this.#batch, row)) continue;
      for (let j = 0; j < size; j++) data[row * size + j] = this.#memory.f32[placeOf(matrix, row, place[j] ?? 0)] ?? 0;
    }
    return { dtype: 'F32', shape: [steps, sequences, size], data };
  }

  /** Timestep t of a [T,B,units] tensor of the trace, from B scaled rows, times `scale`. */
  step(trace: Tensors, name: string, units: number, t: number, { rows, exponents }: ScaledRows, scale: number): void {
    const { steps, sequences } = this.#batch;
    const data = tensorOf(trace, name, [steps, sequences, units]);
    const { f32, i32 } = this.#memory;
    for (let b = 0; b < sequences; b++) {
      const factor = scale * 2 ** (i32[exponents / 4 + b] ?? 0);
      for (let u = 0; u < units; u++) data[(t * sequences + b) * units + u] = (f32[placeOf(rows, b, u)] ?? 0) * factor;
    }
  }
}
