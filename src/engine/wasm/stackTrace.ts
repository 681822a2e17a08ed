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

/** Losses whose adjoints travel together: copy i is that of position `first` + i of P. */
export interface FlowPositions {
  readonly first: number;
  readonly together: number;
  readonly positions: number;
  /** Whether sequence b has a loss at a position. */
  counts(position: number, b: number): boolean;
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

  /** Takes down the rows of the flow matrices [P,T] that belong to these positions: means over the sequences with a loss there. */
  flow(arena: Arena, { first, together, positions, counts }: FlowPositions): AdjointObserver {
    const { operations, memory, plan } = this.#stack;
    const { sequences, steps } = plan;
    const norms = arena.take(together * sequences * 8);
    const step = ({ layer, layerIndex, directionIndex, t, hidden, from, to }: AdjointStep): void => {
      const { data } = tensorOf(this.#trace, `${this.#placeOf(layer, layerIndex, directionIndex)}.flow`, [positions, steps]);
      rowNorms(operations, from * sequences, to * sequences, hidden, norms);
      for (let copy = from; copy < to; copy++) {
        let [sum, count] = [0, 0];
        for (let b = 0; b < sequences; b++) {
          if (!counts(first + copy, b)) continue;
          sum += memory.f64[norms / 8 + copy * sequences + b] ?? 0;
          count++;
        }
        data[(first + copy) * steps + t] = count > 0 ? sum / count : 0;
      }
    };
    return { step };
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
