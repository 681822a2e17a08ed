import type { Tensors } from '../../shared/tensor';
import type { Architecture } from '../../spec/architecture';
import { checkBatchButValues, checkParameters, checkValues } from '../checks';
import type { CarryRequest, DirectionCarry } from '../carry';
import type { Batch, Checkpointed, Device, Engine, LossSum, RecurrentState, StepOptions, StepReport, TraceOptions, UpdateRule } from '../engine';
import type { ProcessingOrder } from '../order';
import { BatchPass, type PassKind } from './batchPass';
import { carryOfBatch } from './carry';
import type { EngineMemory } from './memory';
import { layOut, type Model } from './model';
import type { Operations } from './operations';
import { Optimizer } from './optimizer';
import { assemble, deviceOf, type EngineParts, type PartsOptions } from './parts';
import { WasmState } from './state';
import { finish, notesFor } from './stepNotes';
import { traceBatch } from './trace';
import { WasmTranslationEngine } from './translation/engine';
import { readRows } from './rows';

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

  /** Makes no object once a pass of this kind has been made and a spent report is given: a small network's step takes as long as a collection of garbage. */
  step(batch: Batch, rule: UpdateRule, options?: StepOptions): StepReport {
    const from = this.#stateOf(options?.state, batch);
    const { words } = this.#operations;
    this.#optimizer.prepare(rule);
    const pass = this.#begin(batch, works.train, from, options?.alive);
    const positions = pass.head.writeTargets(batch);
    words.seed = options?.seed ?? 0;
    pass.run();
    if (words.readWrong) checkValues(this.architecture, batch);
    const notes = notesFor(options?.spent);
    this.#optimizer.update(rule, notes.clipping);
    // Last of all: a step that was abandoned has changed nothing. Hidden states outlive the backward pass.
    if (from) pass.carry(from);
    return finish(notes, words.lossSum, positions);
  }

  evaluate(batch: Batch, { state, alive }: { state?: RecurrentState; alive?: Checkpointed } = {}): LossSum {
    const from = this.#stateOf(state, batch);
    const { words } = this.#operations;
    const pass = this.#begin(batch, works.evaluate, from, alive);
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
    const pass = this.#begin(batch, works.predict, from, undefined);
    pass.run();
    if (this.#operations.words.readWrong) checkValues(this.architecture, batch);
    if (from) pass.carry(from);
    return Float64Array.from(readRows(this.#memory, pass.plan.head.logits, this.#model.head.columns, sequences));
  }

  trace(batch: Batch, { alive, ...options }: TraceOptions & { alive?: Checkpointed }): Tensors {
    checkValues(this.architecture, batch);
    const { plan, head, kind } = this.#begin(batch, options.flow === 'with-flow' ? works.flow : works.trace, undefined, alive);
    const { backward } = plan;
    if (!backward) throw new Error('a plan for training has room for gradients');
    return traceBatch({ operations: this.#operations, memory: this.#memory, model: this.#model, plan, backward, head, lengths: kind.lengths, order: this.#order }, batch, options);
  }

  carry(batch: Batch, request: CarryRequest): readonly DirectionCarry[] {
    checkValues(this.architecture, batch);
    const { plan, kind } = this.#begin(batch, works.carry, undefined, request.alive);
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
  #begin(batch: Batch, work: Work, state: WasmState | undefined, alive: Checkpointed | undefined): BatchPass {
    checkBatchButValues(this.architecture, batch);
    this.#parts.pace.begin(alive);
    const pass = this.#passOf(batch, work, state ? 'given' : 'zeros');
    this.#parts.team.begin(work.kind, pass.operations);
    pass.read(batch, state);
    return pass;
  }

  #passOf({ steps, sequences, lengths }: Batch, { work, purpose }: Work, start: PassKind['start']): BatchPass {
    const at = this.#optimizer.end;
    const padding = lengths ? 'masked' : 'whole';
    const known = this.#pass?.kind;
    if (this.#pass && known?.work === work && known.purpose === purpose && known.at === at && known.steps === steps && known.sequences === sequences && known.lengths === padding && known.start === start) return this.#pass;
    return (this.#pass = new BatchPass(this.#operations, this.#model, { work, purpose, at, steps, sequences, lengths: padding, start }, this.#order));
  }
}

/** `kind`: what it is called where the speeds of pieces of work are compared. */
type Work = Pick<PassKind, 'work' | 'purpose'> & { readonly kind: string };

/** What an engine does with a batch. */
const works = {
  train: { kind: 'train', work: 'train', purpose: 'train' },
  evaluate: { kind: 'evaluate', work: 'evaluate', purpose: 'forward' },
  predict: { kind: 'predict', work: 'predict', purpose: 'forward' },
  trace: { kind: 'trace', work: 'nothing', purpose: 'train' },
  flow: { kind: 'flow', work: 'nothing', purpose: 'train' },
  carry: { kind: 'carry', work: 'nothing', purpose: 'forward' },
} as const satisfies Readonly<Record<string, Work>>;
