import type { Tensors } from '../../shared/tensor';
import type { Architecture } from '../../spec/architecture';
import { checkBatch, checkParameters } from '../checks';
import type { CarryRequest, DirectionCarry } from '../carry';
import type { Batch, Checkpointed, Device, Engine, LossSum, RecurrentState, StepReport, TraceOptions, UpdateRule } from '../engine';
import type { ProcessingOrder } from '../order';
import { backpropagate } from './backward';
import { carryOfBatch } from './carry';
import { runLayers } from './forward';
import { Head } from './head';
import { skipRows, writeRows, type EngineMemory } from './memory';
import { layOut, type Model } from './model';
import type { Operations } from './operations';
import { Optimizer } from './optimizer';
import { assemble, deviceOf, type EngineParts, type PartsOptions } from './parts';
import { planFor, type Plan, type Purpose } from './plan';
import { WasmState } from './state';
import { traceBatch } from './trace';
import { WasmTranslationEngine } from './translation/engine';
import { modelOperations } from './work';

/** How a fast engine is made. */
export interface WasmEngineOptions extends PartsOptions {
  /** In which order cells are computed; `layer-major` when absent. */
  readonly order?: ProcessingOrder;
}

/**
 * The fast f32 engine of this network, all parameters zero. Compiles and checks the kernels at once, which
 * takes milliseconds. Throws a RangeError when the network needs more memory than there is, and an Error on a
 * machine without WebAssembly SIMD (see `bestVariant`).
 */
export function createWasmEngine(architecture: Architecture, options: WasmEngineOptions = {}): Engine {
  const { encoder } = architecture;
  return encoder ? new WasmTranslationEngine({ ...architecture, encoder }, options) : new WasmEngine(architecture, options);
}

class WasmEngine implements Engine {
  readonly name = 'wasm';
  readonly architecture: Architecture;
  readonly #order: ProcessingOrder;
  readonly #parts: EngineParts;
  readonly #memory: EngineMemory;
  readonly #operations: Operations;
  readonly #model: Model;
  readonly #optimizer: Optimizer;
  /** The plan of the last batch; all plans use the same memory, so the next batch of another shape ends it. */
  #plan: Plan | undefined;

  constructor(architecture: Architecture, options: WasmEngineOptions) {
    this.architecture = architecture;
    this.#order = options.order ?? 'layer-major';
    this.#parts = assemble(options);
    this.#memory = this.#parts.memory;
    this.#operations = this.#parts.operations;
    this.#model = layOut(architecture, this.#memory, this.#parts.start);
    this.#optimizer = new Optimizer(this.#operations, this.#memory, this.#model.store);
  }

  get device(): Device {
    return deviceOf(this.#parts);
  }

  setParameters(parameters: Tensors): void {
    checkParameters(this.architecture, parameters);
    this.#model.store.write('parameters', parameters, (name) => name);
  }

  parameters(): Tensors {
    return this.#model.store.read('parameters', (name) => name);
  }

  optimizerState(): Tensors {
    return this.#optimizer.state();
  }

  setOptimizerState(state: Tensors): void {
    this.#optimizer.restore(state);
  }

  createState(sequences: number): RecurrentState {
    return new WasmState(this.architecture, sequences);
  }

  step(batch: Batch, rule: UpdateRule, { state, seed = 0, alive }: { state?: RecurrentState; seed?: number; alive?: Checkpointed } = {}): StepReport {
    const { plan, head, from, lengths } = this.#begin(batch, 'train', state, alive);
    const { backward } = plan;
    if (!backward) throw new Error('a plan for training has room for gradients');
    runLayers(this.#operations, this.#memory, this.#model, plan, { state: from, lengths, dropoutSeed: seed, order: this.#order });
    const { sum, positions } = head.train(batch, backward.adjoints[0]);
    backpropagate(this.#operations, this.#memory, this.#model, plan, backward, { lengths, dropoutSeed: seed });
    const clipping = this.#optimizer.update(rule);
    // Last of all: a step that was abandoned has changed nothing. Hidden states outlive the backward pass.
    if (from) this.#carry(plan, from);
    return { loss: positions > 0 ? sum / positions : 0, gradNorm: clipping.normBefore, clipped: clipping.engaged, clipping };
  }

  evaluate(batch: Batch, { state, alive }: { state?: RecurrentState; alive?: Checkpointed } = {}): LossSum {
    const { plan, head, from, lengths } = this.#begin(batch, 'forward', state, alive);
    runLayers(this.#operations, this.#memory, this.#model, plan, { state: from, lengths, dropoutSeed: undefined, order: this.#order });
    const loss = head.evaluate(batch);
    if (from) this.#carry(plan, from);
    return loss;
  }

  encode(): RecurrentState {
    throw new RangeError('only a translation model reads a source; this network has no encoder');
  }

  predict(inputs: Int32Array | Float64Array, state: RecurrentState): Float64Array {
    const { sequences } = state;
    const { loss, outputs } = this.architecture;
    const targets = loss === 'values' ? new Float64Array(sequences * outputs).fill(NaN) : new Int32Array(sequences).fill(-1);
    const { plan, head, from } = this.#begin({ steps: 1, sequences, inputs, targets }, 'forward', state, undefined);
    runLayers(this.#operations, this.#memory, this.#model, plan, { state: from, lengths: 'whole', dropoutSeed: undefined });
    const logits = head.logits(head.read(undefined), 0, sequences);
    const out = new Float64Array(sequences * outputs);
    for (let b = 0; b < sequences; b++) {
      for (let j = 0; j < outputs; j++) out[b * outputs + j] = this.#memory.f32[logits.address / 4 + (j >> 3) * (logits.stride / 4) + b * 8 + (j & 7)] ?? 0;
    }
    if (from) this.#carry(plan, from);
    return out;
  }

  trace(batch: Batch, { alive, ...options }: TraceOptions & { alive?: Checkpointed }): Tensors {
    const { plan, head, lengths } = this.#begin(batch, 'train', undefined, alive);
    const { backward } = plan;
    if (!backward) throw new Error('a plan for training has room for gradients');
    return traceBatch({ operations: this.#operations, memory: this.#memory, model: this.#model, plan, backward, head, lengths, order: this.#order }, batch, options);
  }

  carry(batch: Batch, request: CarryRequest): readonly DirectionCarry[] {
    const { plan, lengths } = this.#begin(batch, 'forward', undefined, request.alive);
    return carryOfBatch({ operations: this.#operations, memory: this.#memory, model: this.#model, plan, lengths, order: this.#order }, batch, request);
  }

  dispose(): void {
    this.#plan = undefined;
    this.#parts.crew.dispose();
  }

  /** Checks a batch, plans for its shape and writes its inputs. */
  #begin(batch: Batch, purpose: Purpose, state: RecurrentState | undefined, alive: Checkpointed | undefined): { plan: Plan; head: Head; from: WasmState | undefined; lengths: 'masked' | 'whole' } {
    checkBatch(this.architecture, batch);
    if (state && !(state instanceof WasmState)) throw new RangeError('this state was made by another engine; make it with createState of this one');
    if (state && state.sequences !== batch.sequences) throw new RangeError(`the state is of ${state.sequences} sequences, but the batch has ${batch.sequences}`);
    this.#parts.pace.begin(alive);
    this.#parts.crew.begin(modelOperations(this.#model, batch.steps * batch.sequences, purpose));
    const plan = this.#planFor(batch, purpose);
    this.#writeInputs(plan, batch);
    return { plan, head: new Head(this.#operations, this.#memory, this.#model, plan), from: state, lengths: batch.lengths ? 'masked' : 'whole' };
  }

  #planFor({ steps, sequences }: Batch, purpose: Purpose): Plan {
    const known = this.#plan;
    if (known && known.steps === steps && known.sequences === sequences && known.purpose === purpose) return known;
    return (this.#plan = planFor(this.#model, this.#memory, steps, sequences, purpose));
  }

  #writeInputs(plan: Plan, { inputs, lengths }: Batch): void {
    const { i32 } = this.#memory;
    if (lengths) i32.set(lengths, plan.lengths / 4);
    if (this.architecture.input.kind === 'tokens') {
      i32.set(inputs, plan.tokens / 4);
      return;
    }
    if (!plan.inputs) return;
    writeRows(this.#memory, plan.inputs, plan.rows, this.architecture.input.features, inputs);
  }

  /** Takes the states after the last timestep over. A sequence that has ended kept its state to the end. */
  #carry(plan: Plan, state: WasmState): void {
    plan.layers.forEach(({ directions: [forward] }, index) => {
      if (!forward) return;
      state.store(this.#memory, index, 'h', skipRows(forward.states, plan.rows));
      if (forward.cellStates) state.store(this.#memory, index, 'c', skipRows(forward.cellStates, plan.rows));
    });
  }
}
