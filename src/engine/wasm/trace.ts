import type { Tensor, Tensors } from '../../shared/tensor';
import type { Batch, TraceOptions } from '../engine';
import { orderTensors, type ProcessingOrder } from '../order';
import { AdjointPass } from './adjoints';
import { backpropagate } from './backward';
import { runLayers } from './forward';
import type { Head } from './head';
import { Arena, panelRange, skipRows, type EngineMemory, type Panels } from './memory';
import type { Model } from './model';
import type { Operations } from './operations';
import type { BackwardPlan, Plan } from './plan';
import { StackTracer } from './stackTrace';
import { isEnded, placeOf } from './traceRows';

/** Memory for the adjoints of several positions at once; more positions than fit go in several passes. */
export const flowBytes = 128 * 2 ** 20;

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
export function traceBatch(context: TraceContext, batch: Batch, { flow, parameters }: TraceOptions): Tensors {
  const { operations, memory, model, plan, backward, head, lengths, order } = context;
  const trace: Tensors = new Map();
  runLayers(operations, model, plan, { start: 'zeros', lengths, dropout: 'no-dropout', order });
  const positions = head.writeTargets(batch);
  const tracer = new StackTracer(trace, { operations, memory, plan, prefix: '', lengths: batch.lengths });
  tracer.states();

  // Adjoints of what the output layer read, of every position's own loss, behind the plan.
  const arena = new Arena(plan.end);
  const dRead = arena.panels(plan.head.rows, model.head.weight.value.kPanels);
  memory.reserve(arena.end);
  const logits = readLosses(context, batch, dRead);

  traceGradients(context, tracer, arena.end, dRead, positions);
  if (flow === 'with-flow') traceFlow(context, tracer, arena.end, dRead);

  trace.set('output.logits', logits);
  if (parameters === 'without-gradients') operations.sumLosses(plan.head.rows, plan.head.losses);
  else {
    // Derivatives of the mean again.
    head.writeTargets(batch);
    head.train(lengths, backward.adjoints[0]);
    backpropagate(operations, model, plan, backward, { lengths, dropout: 'no-dropout' });
    putGradients(trace, model);
  }
  putLosses(trace, context, positions > 0 ? operations.words.lossSum / positions : 0);
  for (const [name, tensor] of orderTensors(model.architecture, batch, order)) trace.set(name, tensor);
  return trace;
}

/** Logits and losses of all positions, and ∂ℓ/∂(what the output layer read) of each row's own loss into `dRead`. */
export function readLosses({ operations, memory, model, plan, head }: Pick<TraceContext, 'operations' | 'memory' | 'model' | 'plan' | 'head'>, batch: Batch, dRead: Panels): Tensor {
  const { outputs, loss } = model.architecture;
  const data = new Float32Array(plan.head.rows * outputs);
  const read = head.read(batch.lengths ? 'masked' : 'whole');
  // Not of their mean.
  operations.words.lossScale = 1;
  operations.transpose(model.head.weight.value, model.head.transposed.address);
  operations.clear(plan.head.rows, dRead);
  for (const [from, rows] of head.chunks()) {
    const logits = head.logits(read, from, rows);
    for (let row = 0; row < rows; row++) {
      if (loss !== 'class' && isEnded(batch, from + row)) continue;
      for (let j = 0; j < outputs; j++) data[(from + row) * outputs + j] = memory.f32[placeOf(logits, row, j)] ?? 0;
    }
    head.losses(logits, from, rows, logits);
    operations.product(rows, logits, model.head.transposed, skipRows(dRead, from));
  }
  return { dtype: 'F32', shape: [plan.head.rows / plan.sequences, plan.sequences, outputs], data };
}

/** The parameters' gradients, once they stand in the model. */
export function putGradients(trace: Tensors, { store }: Pick<Model, 'store'>): void {
  for (const [name, tensor] of store.read('gradients', (parameter) => `grad.param.${parameter}`)) trace.set(name, tensor);
}

/** The mean loss, and the mean of each position over the sequences that have one there (0 where none has), once all that stands in the plan. */
export function putLosses(trace: Tensors, { memory, plan }: Pick<TraceContext, 'memory' | 'plan'>, loss: number): void {
  const { sequences } = plan;
  const data = new Float64Array(plan.head.rows / sequences);
  for (let position = 0; position < data.length; position++) {
    let [sum, count] = [0, 0];
    for (let b = 0; b < sequences; b++) {
      if (!hasLoss(memory, plan, position, b)) continue;
      sum += memory.f64[plan.head.losses / 8 + position * sequences + b] ?? 0;
      count++;
    }
    data[position] = count > 0 ? sum / count : 0;
  }
  trace.set('loss', { dtype: 'F64', shape: [], data: Float64Array.of(loss) });
  trace.set('loss.position', { dtype: 'F64', shape: [data.length], data });
}

/** Whether a sequence has a loss at a position, once targets stand in the plan. */
export function hasLoss({ i32 }: EngineMemory, { head, sequences }: Plan, position: number, b: number): boolean {
  const mark = i32[head.marks / 4 + position * sequences + b] ?? 0;
  return head.targets ? mark > 0 : mark >= 0;
}

/** Derivatives of the mean loss by all states: one adjoint of each sequence, of all its positions together. */
function traceGradients({ operations, memory, model, plan, head, lengths }: TraceContext, tracer: StackTracer, start: number, dRead: Panels, positions: number): void {
  const arena = new Arena(start);
  const pass = new AdjointPass(operations, memory, model, plan, arena, { copies: 1, lengths, paths: 'with-paths' });
  const observer = tracer.gradients(arena, positions > 0 ? 1 / positions : 0);
  memory.reserve(arena.end);
  const above = pass.begin();
  const dTop = panelRange(above.rows, 0, dRead.panels);
  if (plan.head.last) head.readBackward(lengths, dRead, dTop);
  else operations.copy(plan.rows, dRead, dTop);
  memory.i32.fill(0, above.exponents / 4, above.exponents / 4 + plan.rows);
  pass.run(observer);
}

/** Losses of each position [P], once targets stand in the plan. */
export function lossesOf(memory: EngineMemory, plan: Plan): Int32Array {
  return Int32Array.from({ length: plan.head.rows / plan.sequences }, (_, position) => {
    let count = 0;
    for (let b = 0; b < plan.sequences; b++) if (hasLoss(memory, plan, position, b)) count++;
    return count;
  });
}

/** The flow matrices: of a loss that is taken once of all sequences together, else sequence by sequence, whose losses then share its Jacobians. */
function traceFlow(context: TraceContext, tracer: StackTracer, start: number, dRead: Panels): void {
  const { operations, memory, model, plan, head, lengths } = context;
  tracer.clearFlow(plan.head.rows / plan.sequences);
  if (!plan.head.last) {
    for (let b = 0; b < plan.sequences; b++) traceSequenceFlow(context, tracer, start, dRead, b);
    return;
  }
  const arena = new Arena(start);
  const pass = new AdjointPass(operations, memory, model, plan, arena, { copies: 1, lengths, paths: 'without-paths' });
  const observer = tracer.flow(arena, [0], lossesOf(memory, plan));
  memory.reserve(arena.end);
  const above = pass.begin();
  head.readBackward(lengths, dRead, panelRange(above.rows, 0, dRead.panels));
  memory.i32.fill(0, above.exponents / 4, above.exponents / 4 + plan.rows);
  pass.run(observer);
  observer.finish();
}

/** What the losses of one sequence add to the flow matrices. The adjoints of as many positions as fit go back together. */
function traceSequenceFlow({ operations, memory, model, plan, lengths }: TraceContext, tracer: StackTracer, start: number, dRead: Panels, sequence: number): void {
  const losses = lossesOf(memory, plan);
  const positions = [...losses.keys()].filter((position) => hasLoss(memory, plan, position, sequence));
  const fits = Math.max(1, Math.floor(flowBytes / AdjointPass.bytesPerCopy(model, plan, 1)));
  for (let first = 0; first < positions.length; first += fits) {
    const together = positions.slice(first, first + fits);
    const arena = new Arena(start);
    const pass = new AdjointPass(operations, memory, model, plan, arena, { copies: together.length, lengths, paths: 'without-paths', sequence });
    const observer = tracer.flow(arena, together, losses, 1);
    memory.reserve(arena.end);
    const above = pass.begin();
    const dTop = panelRange(above.rows, 0, dRead.panels);
    together.forEach((position, copy) => {
      const row = position * together.length + copy;
      operations.copy(1, skipRows(dRead, position * plan.sequences + sequence), skipRows(dTop, row));
      memory.i32[above.exponents / 4 + row] = 0;
    });
    operations.run(operations.record(arena.end, () => pass.run(observer, together)));
    observer.finish();
  }
}
