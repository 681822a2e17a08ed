import type { Tensors } from '../../../shared/tensor';
import { checkBatch, checkParameters, checkSource } from '../../checks';
import type { DirectionCarry } from '../../carry';
import type { Batch, Checkpointed, Device, Engine, LossSum, RecurrentState, SourceBatch, StepOptions, StepReport, TraceOptions, UpdateRule } from '../../engine';
import type { ProcessingOrder } from '../../order';
import { Optimizer } from '../optimizer';
import { assemble, deviceOf, type EngineParts, type PartsOptions } from '../parts';
import type { Purpose } from '../plan';
import { WasmState } from '../state';
import { finish, notesFor } from '../stepNotes';
import { modelOperations, stackOperations } from '../work';
import { DecoderState } from './handOver';
import { layOutTranslation, planTranslation, type TranslationArchitecture, type TranslationModel, type TranslationPlan } from './model';
import { TranslationPass } from './pass';

interface Options {
  readonly state?: RecurrentState;
  readonly alive?: Checkpointed;
}

/** The fast f32 engine of a translation model. */
export class WasmTranslationEngine implements Engine {
  readonly name = 'wasm';
  readonly architecture: TranslationArchitecture;
  readonly #parts: EngineParts;
  readonly #model: TranslationModel;
  readonly #optimizer: Optimizer;
  readonly #order: ProcessingOrder;

  constructor(architecture: TranslationArchitecture, { order = 'layer-major', ...options }: PartsOptions & { readonly order?: ProcessingOrder }) {
    this.architecture = architecture;
    this.#order = order;
    this.#parts = assemble(options);
    const { operations, memory, start } = this.#parts;
    const { store, end } = (this.#model = layOutTranslation(architecture, memory, start)).decoder;
    this.#optimizer = new Optimizer(operations, store, end);
  }

  get device(): Device {
    return deviceOf(this.#parts);
  }

  setParameters(parameters: Tensors): void {
    checkParameters(this.architecture, parameters);
    this.#model.decoder.store.write('parameters', parameters, (name) => name);
  }

  parameters(): Tensors {
    return this.#model.decoder.store.read('parameters', (name) => name);
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

  step(batch: Batch, rule: UpdateRule, { state, seed = 0, alive, spent }: StepOptions = {}): StepReport {
    this.#optimizer.prepare(rule);
    const pass = this.#read(batch, 'train', alive);
    this.#parts.operations.words.seed = seed;
    pass.forward('dropout');
    const { sum, positions } = pass.backward(batch, 'dropout');
    const notes = notesFor(spent);
    this.#optimizer.update(rule, notes.clipping);
    pass.carry(this.#stateOf(state, batch.sequences));
    return finish(notes, sum, positions);
  }

  evaluate(batch: Batch, { state, alive }: Options = {}): LossSum {
    const pass = this.#read(batch, 'forward', alive);
    pass.forward('no-dropout');
    const loss = pass.evaluate(batch);
    pass.carry(this.#stateOf(state, batch.sequences));
    return loss;
  }

  encode(source: SourceBatch, sequences: number): RecurrentState {
    checkSource(this.architecture, source, sequences);
    const pass = this.#pass({ sourceSteps: source.steps, steps: 1, sequences }, 'forward', undefined);
    pass.encode(source);
    const state = new DecoderState(this.architecture, sequences, pass.encoded, source.steps, source.lengths);
    pass.handOver(state);
    return state;
  }

  predict(inputs: Int32Array | Float64Array, state: RecurrentState): Float64Array {
    if (!(state instanceof DecoderState)) throw new RangeError('a translation model writes from the state that encode gives');
    const pass = this.#pass({ sourceSteps: state.sourceSteps, steps: 1, sequences: state.sequences }, 'forward', undefined);
    return pass.write(inputs, state);
  }

  trace(batch: Batch, { alive, ...options }: TraceOptions & { readonly alive?: Checkpointed }): Tensors {
    const pass = this.#read(batch, 'train', alive);
    pass.forward('no-dropout');
    return pass.trace(batch, options);
  }

  carry(): readonly DirectionCarry[] {
    throw new RangeError('the carry of a translation model is not measured: it has two stacks of layers');
  }

  dispose(): void {
    this.#parts.team.dispose();
  }

  #read(batch: Batch, purpose: Purpose, alive: Checkpointed | undefined): TranslationPass {
    checkBatch(this.architecture, batch);
    const { steps, sequences, source } = batch;
    const pass = this.#pass({ sourceSteps: source?.steps ?? 1, steps, sequences }, purpose, alive);
    pass.read(batch);
    return pass;
  }

  #pass(sizes: Parameters<typeof planTranslation>[3], purpose: Purpose, alive: Checkpointed | undefined): TranslationPass {
    const { memory, operations, team, pace } = this.#parts;
    pace.begin(alive);
    const { encoder, decoder } = this.#model;
    team.begin(purpose, stackOperations(encoder, sizes.sourceSteps * sizes.sequences, purpose) + modelOperations(decoder, sizes.steps * sizes.sequences, purpose));
    const plan: TranslationPlan = planTranslation(this.#model, memory, this.#optimizer.end, sizes, purpose);
    return new TranslationPass(this.architecture, operations, this.#model, plan, this.#order);
  }

  #stateOf(state: RecurrentState | undefined, sequences: number): WasmState | undefined {
    if (state && !(state instanceof WasmState)) throw new RangeError('this state was made by another engine; make it with createState of this one');
    if (state && state.sequences !== sequences) throw new RangeError(`the state is of ${state.sequences} sequences, but the batch has ${sequences}`);
    return state;
  }
}
