import type { Tensors } from '../../shared/tensor';
import type { Architecture } from '../../spec/architecture';
import { checkBatchButValues, checkParameters, checkValues } from '../checks';
import type { CarryRequest, DirectionCarry } from '../carry';
import type { Batch, Checkpointed, Device, Engine, LossSum, RecurrentState, StepReport, TraceOptions, UpdateRule } from '../engine';
import type { ProcessingOrder } from '../order';
import { BatchPass, isSameKind, type PassKind } from './batchPass';
import { carryOfBatch } from './carry';
import type { EngineMemory } from './memory';
import { layOut, type Model } from './model';
import type { Operations } from './operations';
import { Optimizer } from './optimizer';
import { assemble, deviceOf, type EngineParts, type PartsOptions } from './parts';
import { WasmState } from './state';
import { traceBatch } from './trace';
import { WasmTranslationEngine } from './translation/engine';
import { readRows } from './rows';
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
  /** That of the last batch; all use the same memory, so the next batch of another kind ends it. */
  #pass: BatchPass | undefined;

  constructor(architecture: Architecture, options: WasmEngineOptions) {
    this.architecture = architecture;
    this.#order = options.order ?? 'layer-major';
    this.#parts = assemble(options);
    this.#memory = this.#parts.memory;
    this.#operations = this.#parts.operations;
    this.#model = layOut(architecture, this.#memory, this.#parts.start);
    this.#optimizer = new Optimizer(this.#operations, this.#model.store, this.#model.end);
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
    const from = this.#stateOf(state, batch);
    const { words } = this.#operations;
    this.#optimizer.prepare(rule);
    const pass = this.#begin(batch, 'train', from, alive);
    const positions = pass.head.writeTargets(batch);
    words.seed = seed;
    pass.run();
    if (words.readWrong) checkValues(this.architecture, batch);
    const clipping = this.#optimizer.update(rule);
    // Last of all: a step that was abandoned has changed nothing. Hidden states outlive the backward pass.
    if (from) pass.carry(from);
    return { loss: positions > 0 ? words.lossSum / positions : 0, gradNorm: clipping.normBefore, clipped: clipping.engaged, clipping };
  }

  evaluate(batch: Batch, { state, alive }: { state?: RecurrentState; alive?: Checkpointed } = {}): LossSum {
    const from = this.#stateOf(state, batch);
    const { words } = this.#operations;
    const pass = this.#begin(batch, 'evaluate', from, alive);
    const positions = pass.head.writeTargets(batch);
    pass.run();
    if (words.readWrong) checkValues(this.architecture, batch);
    if (from) pass.carry(from);
    return { sum: words.lossSum, positions };
  }

  encode(): RecurrentState {
    throw new RangeError('only a translation model reads a source; this network has no encoder');
  }

  predict(inputs: Int32Array | Float64Array, state: RecurrentState): Float64Array {
    const { sequences } = state;
    const { loss, outputs } = this.architecture;
    const targets = loss === 'values' ? new Float64Array(sequences * outputs).fill(NaN) : new Int32Array(sequences).fill(-1);
    const batch = { steps: 1, sequences, inputs, targets };
    const from = this.#stateOf(state, batch);
    const pass = this.#begin(batch, 'predict', from, undefined);
    pass.run();
    if (this.#operations.words.readWrong) checkValues(this.architecture, batch);
    if (from) pass.carry(from);
    return Float64Array.from(readRows(this.#memory, pass.plan.head.logits, this.#model.head.columns, sequences));
  }

  trace(batch: Batch, { alive, ...options }: TraceOptions & { alive?: Checkpointed }): Tensors {
    checkValues(this.architecture, batch);
    const { plan, head, kind } = this.#begin(batch, 'trace', undefined, alive);
    const { backward } = plan;
    if (!backward) throw new Error('a plan for training has room for gradients');
    return traceBatch({ operations: this.#operations, memory: this.#memory, model: this.#model, plan, backward, head, lengths: kind.lengths, order: this.#order }, batch, options);
  }

  carry(batch: Batch, request: CarryRequest): readonly DirectionCarry[] {
    checkValues(this.architecture, batch);
    const { plan, kind } = this.#begin(batch, 'carry', undefined, request.alive);
    return carryOfBatch({ operations: this.#operations, memory: this.#memory, model: this.#model, plan, lengths: kind.lengths, order: this.#order }, batch, request);
  }

  dispose(): void {
    this.#pass = undefined;
    this.#parts.team.dispose();
  }

  #stateOf(state: RecurrentState | undefined, { sequences }: Batch): WasmState | undefined {
    if (state && !(state instanceof WasmState)) throw new RangeError('this state was made by another engine; make it with createState of this one');
    if (state && state.sequences !== sequences) throw new RangeError(`the state is of ${state.sequences} sequences, but the batch has ${sequences}`);
    return state;
  }

  /** Checks a batch but for its values, which are checked where they are read; finds its pass, and writes it there. */
  #begin(batch: Batch, doing: keyof typeof works, state: WasmState | undefined, alive: Checkpointed | undefined): BatchPass {
    checkBatchButValues(this.architecture, batch);
    const { steps, sequences, lengths } = batch;
    const { work, purpose } = works[doing];
    this.#parts.pace.begin(alive);
    this.#parts.team.begin(modelOperations(this.#model, steps * sequences, purpose));
    const pass = this.#passOf({ work, purpose, at: this.#optimizer.end, steps, sequences, lengths: lengths ? 'masked' : 'whole', start: state ? 'given' : 'zeros' });
    pass.read(batch, state);
    return pass;
  }

  #passOf(kind: PassKind): BatchPass {
    if (this.#pass && isSameKind(this.#pass.kind, kind)) return this.#pass;
    return (this.#pass = new BatchPass(this.#operations, this.#model, kind, this.#order));
  }
}

/** What an engine does with a batch. */
const works = {
  train: { work: 'train', purpose: 'train' },
  evaluate: { work: 'evaluate', purpose: 'forward' },
  predict: { work: 'predict', purpose: 'forward' },
  trace: { work: 'nothing', purpose: 'train' },
  carry: { work: 'nothing', purpose: 'forward' },
} as const;
