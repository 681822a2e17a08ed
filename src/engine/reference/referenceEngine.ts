import type { Tensors } from '../../shared/tensor';
import { parameterShapes, type Architecture } from '../../spec/architecture';
import { checkBatch, checkParameters, checkSource } from '../checks';
import type { CarryRequest, DirectionCarry } from '../carry';
import type { Batch, Checkpointed, Device, Engine, LossSum, RecurrentState, SourceBatch, StepOptions, StepReport, TraceOptions, UpdateRule } from '../engine';
import type { ProcessingOrder } from '../order';
import { allMoments, momentName, momentsOf, optimizerSettings, optimizerStepName, type Moment } from '../updateRule';
import { carryOf } from './carry';
import { clipGradients } from './clip';
import type { CellState } from './cells/cell';
import { backpropagate, lossesOf, meanLoss, sumLosses } from './gradient';
import { runNetwork, type NetworkRun } from './network';
import { update } from './optimizers';
import { zeroParameters, type ParameterData } from './parameters';
import { ReferenceState } from './state';
import { traceRun } from './trace';
import { handOver } from './translation/handOver';
import { isTranslation, runDecoder, runEncoder, runTranslation } from './translation/run';
import { DecoderState } from './translation/state';

const never: Checkpointed = () => undefined;

/** How a reference engine is made. */
export interface ReferenceEngineOptions {
  /** In which order cells are computed; `layer-major` when absent. */
  readonly order?: ProcessingOrder;
}

/** The plain f64 engine of this network, all parameters zero: written to be read, and what the fast one is tested against. */
export function createReferenceEngine(architecture: Architecture, { order = 'layer-major' }: ReferenceEngineOptions = {}): Engine {
  return new ReferenceEngine(architecture, order);
}

class ReferenceEngine implements Engine {
  readonly name = 'reference';
  readonly device: Device = { threads: 1, simd: 'none' };
  readonly architecture: Architecture;
  readonly #data: ParameterData;
  readonly #order: ProcessingOrder;
  readonly #moments = new Map<Moment, ParameterData>();
  #updates = 0;

  constructor(architecture: Architecture, order: ProcessingOrder) {
    this.architecture = architecture;
    this.#order = order;
    this.#data = zeroParameters(architecture);
  }

  setParameters(parameters: Tensors): void {
    checkParameters(this.architecture, parameters);
    for (const [name, data] of this.#data) copyInto(data, parameters, name);
  }

  parameters(): Tensors {
    return this.#tensors(this.#data, (name) => name);
  }

  optimizerState(): Tensors {
    const state: Tensors = new Map([[optimizerStepName, { dtype: 'F64', shape: [], data: Float64Array.of(this.#updates) }]]);
    for (const [moment, data] of this.#moments) {
      for (const [name, tensor] of this.#tensors(data, (parameter) => momentName(moment, parameter))) state.set(name, tensor);
    }
    return state;
  }

  setOptimizerState(state: Tensors): void {
    this.#moments.clear();
    this.#updates = Number(state.get(optimizerStepName)?.data[0] ?? 0);
    for (const name of state.keys()) {
      const moment = allMoments.find((candidate) => name.startsWith(momentName(candidate, '')));
      if (moment && !this.#moments.has(moment)) {
        const data = zeroParameters(this.architecture);
        for (const [parameter, values] of data) copyInto(values, state, momentName(moment, parameter));
        this.#moments.set(moment, data);
      }
    }
  }

  createState(sequences: number): ReferenceState {
    return new ReferenceState(this.architecture, sequences);
  }

  step(batch: Batch, { optimizer, clip }: UpdateRule, options: StepOptions = {}): StepReport {
    const { run, carry } = this.#run(batch, options, options.seed ?? 0);
    const losses = lossesOf(this.architecture, run, batch);
    const { gradients } = backpropagate(this.architecture, run, losses);
    const clipping = clipGradients(gradients, clip);

    const settings = optimizerSettings(optimizer);
    const moments = momentsOf(settings).map((moment) => this.#moment(moment));
    this.#updates++;
    for (const [name, parameter] of this.#data) {
      const own = (data: ParameterData): Float64Array => data.get(name) ?? new Float64Array(0);
      update(settings, { parameter, gradient: own(gradients), moments: moments.map(own), step: this.#updates });
    }
    carry();
    return { loss: meanLoss(sumLosses(losses)), gradNorm: clipping.normBefore, clipped: clipping.engaged, clipping };
  }

  evaluate(batch: Batch, options: { state?: RecurrentState; alive?: Checkpointed } = {}): LossSum {
    const { run, carry } = this.#run(batch, options);
    carry();
    return sumLosses(lossesOf(this.architecture, run, batch));
  }

  encode(source: SourceBatch, sequences: number): RecurrentState {
    const { architecture } = this;
    checkSource(architecture, source, sequences);
    if (!isTranslation(architecture)) throw new RangeError('this network has no encoder');
    const { layers, outputs } = runEncoder(architecture, this.#data, source, sequences, { order: this.#order, alive: never });
    return new DecoderState(architecture, sequences, { outputs, lengths: source.lengths }, handOver(architecture.encoder, architecture.layers, layers, sequences));
  }

  predict(inputs: Int32Array | Float64Array, state: RecurrentState): Float64Array {
    const { loss, outputs } = this.architecture;
    if (isTranslation(this.architecture)) return this.#write(inputs, state);
    const size = loss === 'class' ? state.sequences : state.sequences * (loss === 'values' ? outputs : 1);
    const targets = loss === 'values' ? new Float64Array(size).fill(NaN) : new Int32Array(size).fill(-1);
    const { run, carry } = this.#run({ steps: 1, sequences: state.sequences, inputs, targets }, { state });
    carry();
    return run.logits[0]?.data ?? new Float64Array(0);
  }

  trace(batch: Batch, { alive, ...options }: TraceOptions & { alive?: Checkpointed }): Tensors {
    const { run } = this.#run(batch, { alive });
    return traceRun(this.architecture, run, batch, { ...options, order: this.#order });
  }

  carry(batch: Batch, request: CarryRequest): readonly DirectionCarry[] {
    if (isTranslation(this.architecture)) throw new RangeError('the carry of a translation model is not measured: it has two stacks of layers');
    return carryOf(this.#run(batch, request).run, batch, request);
  }

  dispose(): void {
    this.#moments.clear();
  }

  /** A forward pass from a state; `carry` moves that state on to its end. */
  #run(batch: Batch, { state, alive = never }: { state?: RecurrentState; alive?: Checkpointed }, dropoutSeed?: number): { run: NetworkRun; carry: () => void } {
    checkBatch(this.architecture, batch);
    const from = state ?? this.createState(batch.sequences);
    if (!(from instanceof ReferenceState)) throw new RangeError('this state was made by another engine; make it with createState of this one');
    if (from.sequences !== batch.sequences) throw new RangeError(`the state is of ${from.sequences} sequences, but the batch has ${batch.sequences}`);
    const { architecture } = this;
    const run = isTranslation(architecture)
      ? runTranslation(architecture, this.#data, batch, { dropoutSeed, order: this.#order, alive })
      : runNetwork(architecture, this.#data, batch, { initial: from.initial(), dropoutSeed, order: this.#order, alive });
    const final = (run.stacks.at(-1)?.layers ?? []).map(({ directions }) => directions[0]?.final).filter((end): end is CellState => end !== undefined);
    return { run, carry: () => from.carry(final) };
  }

  /** One timestep of the decoder. */
  #write(inputs: Int32Array | Float64Array, state: RecurrentState): Float64Array {
    const { architecture } = this;
    if (!isTranslation(architecture) || !(state instanceof DecoderState)) throw new RangeError('a translation model writes from the state that encode gives');
    const { sequences } = state;
    const batch = { steps: 1, sequences, inputs, targets: new Int32Array(sequences).fill(-1) };
    const { stack, logits } = runDecoder(architecture, this.#data, batch, state.memory, state.initial(), { order: this.#order, alive: never });
    state.carry(stack.layers.map(({ directions }) => directions[0]?.final).filter((end): end is CellState => end !== undefined));
    return logits[0]?.data ?? new Float64Array(0);
  }

  #moment(moment: Moment): ParameterData {
    const data = this.#moments.get(moment) ?? zeroParameters(this.architecture);
    this.#moments.set(moment, data);
    return data;
  }

  #tensors(data: ParameterData, nameOf: (parameter: string) => string): Tensors {
    return new Map(parameterShapes(this.architecture).map(({ name, shape }) => [nameOf(name), { dtype: 'F64', shape, data: Float64Array.from(data.get(name) ?? []) }]));
  }
}

function copyInto(target: Float64Array, tensors: Tensors, name: string): void {
  const source = tensors.get(name);
  if (source?.data.length !== target.length) throw new RangeError(`${name} must hold ${target.length} numbers (got ${source?.data.length ?? 'none'})`);
  target.forEach((_, i) => (target[i] = Number(source.data[i])));
}
