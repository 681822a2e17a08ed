import type { Tensors } from '../../shared/tensor';
import type { ParameterPrefix } from '../../spec/architecture';
import type { AdjointObserver, AdjointStep, PathAdjoints } from './adjoints';
import { plainColumns } from './columns';
import { panelRange, skipRows, type Arena, type EngineMemory } from './memory';
import type { LayerModel } from './model';
import type { Operations } from './operations';
import type { LayerPlan, StackPlan } from './plan';
import { rowNorms } from './scaledRows';
import { putTimestep, readSequence, tensorOf, type SequenceShape } from './traceRows';

/** A stack of layers whose forward pass stands in its plan. */
export interface TracedStack {
  readonly operations: Operations;
  readonly memory: EngineMemory;
  readonly plan: StackPlan;
  /** What stands before the names of its tensors. */
  readonly prefix: ParameterPrefix;
  readonly lengths: Int32Array | undefined;
}

/** Takes down rows of flow matrices while a pass is recorded or done, and puts them into the trace when it is. */
export interface FlowObserver extends AdjointObserver {
  finish(): void;
}

/** The trace's names of a cell's gates, and their blocks of the pre-activations. */
function gateBlocks({ shape: { cell } }: LayerModel): readonly (readonly [string, number])[] {
  if (cell === 'lstm') return [['input', 0], ['forget', 1], ['cell', 2], ['output', 3]];
  if (cell === 'gru') return [['reset', 1], ['update', 2], ['new', 0]];
  return [];
}

/** Writes what happened in one stack of layers into a trace, and what the way back through it finds. */
export class StackTracer {
  readonly #trace: Tensors;
  readonly #stack: TracedStack;
  readonly #shape: SequenceShape;

  constructor(trace: Tensors, stack: TracedStack) {
    this.#trace = trace;
    this.#stack = stack;
    const { steps, sequences } = stack.plan;
    this.#shape = { steps, sequences, lengths: stack.lengths };
  }

  /** States and gates of all layers. */
  states(): void {
    this.#stack.plan.layers.forEach((layer, index) => {
      layer.model.directions.forEach((_, d) => this.#putDirection(layer, index, d));
      if (layer.highwayGate) this.#trace.set(`${this.#stack.prefix}layer${index}.connection.gate`, readSequence(this.#stack.memory, layer.highwayGate, layer.model.h, this.#shape));
    });
  }

  /** Takes down the derivatives of the mean loss by all states, of a pass of one copy: the adjoints that it sees times `scale`. */
  gradients(arena: Arena, scale: number): AdjointObserver {
    const { operations, memory, plan, prefix } = this.#stack;
    const total = arena.panels(plan.sequences, Math.max(0, ...plan.layers.map(({ model }) => model.unitPanels)));
    const norms = arena.take(plan.rows * 8);
    const step = ({ layer, layerIndex, directionIndex, t, hidden, partial, adjoints }: AdjointStep): void => {
      const place = this.#placeOf(layer, layerIndex, directionIndex);
      const put = (name: string, rows: AdjointStep['hidden']): void =>
        putTimestep(memory, tensorOf(this.#trace, `${place}.${name}`, [plan.steps, plan.sequences, layer.model.shape.units]), t, rows, scale);
      put('grad.h', hidden);
      put('grad.h.partial', partial);
      const job = layer.directions[directionIndex]?.job;
      if (layer.model.shape.cell !== 'lstm' || job === undefined) return;
      operations.kernels.cellStateAdjoint(job, adjoints, t, total.address, total.stride);
      put('grad.c', { rows: total, exponents: hidden.exponents });
    };
    const paths = ({ layerIndex, ...ways }: PathAdjoints): void => {
      for (const path of ['identity', 'transform'] as const) {
        const { rows, exponents } = ways[path];
        rowNorms(operations, 0, plan.rows, { rows, exponents }, norms);
        const data = memory.f64.slice(norms / 8, norms / 8 + plan.rows).map((norm) => norm * scale);
        this.#trace.set(`${prefix}layer${layerIndex}.connection.grad.${path}`, { dtype: 'F64', shape: [plan.steps, plan.sequences], data });
      }
    };
    return { step, paths };
  }

  /** Flow matrices [P,T] of zeros. */
  clearFlow(positions: number): void {
    this.#stack.plan.layers.forEach((layer, index) => layer.model.directions.forEach((_, d) => this.#flowOf(layer, index, d, positions)));
  }

  /**
   * Takes down rows of the flow matrices [P,T]: means over the sequences with a loss at a position, whose number is
   * losses[position]. Copy i is of position positions[i]; sequences that go back in different passes are added up.
   */
  flow(arena: Arena, positions: readonly number[], losses: Int32Array, sequences = this.#shape.sequences): FlowObserver {
    const { operations, memory, plan } = this.#stack;
    const { steps } = plan;
    const rows = positions.length * sequences;
    const directions = plan.layers.reduce((sum, { model }) => sum + model.directions.length, 0);
    const norms = arena.take(directions * steps * rows * 8);
    const taken: { readonly data: Float64Array; readonly t: number; readonly from: number; readonly to: number; readonly at: number }[] = [];
    const step = ({ layer, layerIndex, directionIndex, t, hidden, from, to }: AdjointStep): void => {
      const data = this.#flowOf(layer, layerIndex, directionIndex, losses.length);
      const at = norms + taken.length * rows * 8;
      rowNorms(operations, from * sequences, to * sequences, hidden, at);
      taken.push({ data, t, from, to, at });
    };
    const finish = (): void => {
      for (const { data, t, from, to, at } of taken) {
        for (let copy = from; copy < to; copy++) {
          const position = positions[copy] ?? 0;
          const count = losses[position] ?? 0;
          let sum = 0;
          for (let b = 0; b < sequences; b++) sum += memory.f64[at / 8 + copy * sequences + b] ?? 0;
          if (count > 0) data[position * steps + t] = (data[position * steps + t] ?? 0) + sum / count;
        }
      }
    };
    return { step, finish };
  }

  #flowOf(layer: LayerPlan, index: number, d: number, positions: number): Float64Array {
    return tensorOf(this.#trace, `${this.#placeOf(layer, index, d)}.flow`, [positions, this.#shape.steps]).data;
  }

  #putDirection(layer: LayerPlan, index: number, d: number): void {
    const { model } = layer;
    const buffers = layer.directions[d];
    if (!buffers) return;
    const { memory } = this.#stack;
    const units = plainColumns(model.shape.units);
    const place = this.#placeOf(layer, index, d);
    for (const [gate, block] of gateBlocks(model)) this.#trace.set(`${place}.gate.${gate}`, readSequence(memory, panelRange(buffers.gates, block * model.unitPanels, model.unitPanels), units, this.#shape));
    this.#trace.set(`${place}.h`, readSequence(memory, buffers.hidden, units, this.#shape));
    if (buffers.cellStates) this.#trace.set(`${place}.c`, readSequence(memory, skipRows(buffers.cellStates, this.#shape.sequences), units, this.#shape));
  }

  #placeOf({ model }: LayerPlan, index: number, d: number): string {
    return `${this.#stack.prefix}layer${index}.${model.directions[d]?.direction ?? 'forward'}`;
  }
}
