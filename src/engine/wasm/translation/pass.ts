import type { Tensors } from '../../../shared/tensor';
import type { Batch, LossSum, SourceBatch, TraceOptions } from '../../engine';
import type { ProcessingOrder } from '../../order';
import { backpropagate } from '../backward';
import { runLayers, type ForwardOptions } from '../forward';
import { Head } from '../head';
import { panelRange, skipRows, type EngineMemory } from '../memory';
import type { Operations } from '../operations';
import type { BackwardPlan } from '../plan';
import { WasmState } from '../state';
import { putGradients, putLosses } from '../trace';
import { attend, attendBackward, gatherEncoded } from './attention';
import { handOver, handOverBackward, type DecoderState } from './handOver';
import type { TranslationArchitecture, TranslationModel, TranslationPlan } from './model';
import { readRows, restorePanels, savePanels } from '../rows';
import { traceStacks } from './trace';

type Masked = 'masked' | 'whole';
type Dropout = ForwardOptions['dropout'];

/** One batch's way through encoder, hand-over, decoder, attention and output layer, and back. */
export class TranslationPass {
  readonly #architecture: TranslationArchitecture;
  readonly #operations: Operations;
  readonly #memory: EngineMemory;
  readonly #model: TranslationModel;
  readonly #plan: TranslationPlan;
  readonly #order: ProcessingOrder;
  readonly #head: Head;
  #masked: { source: Masked; target: Masked } = { source: 'whole', target: 'whole' };

  constructor(architecture: TranslationArchitecture, operations: Operations, model: TranslationModel, plan: TranslationPlan, order: ProcessingOrder) {
    this.#architecture = architecture;
    this.#operations = operations;
    this.#memory = operations.memory;
    this.#model = model;
    this.#plan = plan;
    this.#order = order;
    this.#head = new Head(operations, model.decoder, plan.decoder);
  }

  /** What attention looks at, for a `DecoderState`; empty without attention. */
  get encoded(): Float32Array {
    const { attention, encoder } = this.#plan;
    return attention ? savePanels(this.#memory, attention.encoded, encoder.rows) : new Float32Array(0);
  }

  /** Writes source and target inputs into the plan's buffers. */
  read({ inputs, lengths, source }: Batch): void {
    const { i32 } = this.#memory;
    const { decoder } = this.#plan;
    i32.set(inputs, decoder.tokens / 4);
    if (lengths) i32.set(lengths, decoder.lengths / 4);
    this.#masked.target = lengths ? 'masked' : 'whole';
    if (source) this.#readSource(source);
  }

  /** The encoder alone. */
  encode(source: SourceBatch): void {
    this.#readSource(source);
    this.#runEncoder('no-dropout');
  }

  /** Both stacks and attention. Dropout is drawn from the batch's seed. */
  forward(dropout: Dropout): void {
    this.#runEncoder(dropout);
    const state = new WasmState(this.#architecture, this.#plan.decoder.sequences);
    this.handOver(state);
    this.#runDecoder(state, dropout);
  }

  /** The states that the decoder starts from, into `state`. */
  handOver(state: WasmState): void {
    handOver(this.#memory, this.#architecture.encoder, this.#plan.encoder, state);
  }

  /** One timestep of the decoder: its logits [B,outputs]; moves the state. */
  write(inputs: ArrayLike<number>, state: DecoderState): Float64Array {
    const { decoder } = this.#plan;
    const { sequences } = state;
    const { attention, encoder } = this.#plan;
    this.#memory.i32.set(inputs, decoder.tokens / 4);
    if (attention) restorePanels(this.#memory, attention.encoded, encoder.rows, state.encoded);
    this.#readLengths(state.lengths);
    this.#runDecoder(state, 'no-dropout');
    const logits = readRows(this.#memory, this.#head.logits(this.#head.read('whole'), 0, sequences), this.#model.decoder.head.columns, sequences);
    this.carry(state);
    return Float64Array.from(logits);
  }

  evaluate(batch: Batch): LossSum {
    const positions = this.#head.writeTargets(batch);
    this.#head.evaluate(this.#masked.target);
    return { sum: this.#operations.words.lossSum, positions };
  }

  /** Loss and all parameter gradients, after `forward` with the same dropout. */
  backward(batch: Batch, dropout: Dropout): LossSum {
    const { encoder, decoder } = this.#model;
    const plan = this.#plan;
    const [backward, encoderBackward] = [required(plan.decoder.backward), required(plan.encoderBackward)];
    // 1. Output layer and attention.
    const dRead = backward.adjoints[0];
    const positions = this.#head.writeTargets(batch);
    this.#head.train(this.#masked.target, dRead);
    if (plan.attention) attendBackward(this.#operations, this.#memory, plan.attention, plan.outputs, dRead, this.#masked.source);
    else this.#operations.clear(plan.encoder.rows, panelRange(encoderBackward.adjoints[0], 0, encoder.output.panels));
    // 2. The decoder, down to the states it started from.
    const initial = new WasmState(this.#architecture, plan.decoder.sequences);
    backpropagate(this.#operations, decoder, plan.decoder, backward, { lengths: this.#masked.target, dropout, firstLayer: encoder.layers.length, initial });
    // 3. The encoder, from its last states and from what attention saw.
    const final = handOverBackward(this.#architecture.encoder, initial);
    backpropagate(this.#operations, encoder, plan.encoder, encoderBackward, { lengths: this.#masked.source, dropout, final });
    return { sum: this.#operations.words.lossSum, positions };
  }

  /** Everything of `Engine.trace`, after `forward` without dropout. */
  trace(batch: Batch, options: TraceOptions): Tensors {
    const trace = traceStacks({ architecture: this.#architecture, operations: this.#operations, memory: this.#memory, model: this.#model, plan: this.#plan, head: this.#head, masked: this.#masked, order: this.#order }, batch, options);
    const { decoder } = this.#plan;
    const positions = this.#head.writeTargets(batch);
    if (options.parameters === 'without-gradients') this.#operations.sumLosses(decoder.head.rows, decoder.head.losses);
    else {
      this.backward(batch, 'no-dropout');
      putGradients(trace, this.#model.decoder);
    }
    putLosses(trace, { memory: this.#memory, plan: decoder }, positions > 0 ? this.#operations.words.lossSum / positions : 0);
    return trace;
  }

  /** Takes the decoder's states after the last timestep over. */
  carry(state: WasmState | undefined): void {
    const { layers, rows } = this.#plan.decoder;
    layers.forEach(({ directions: [forward] }, index) => {
      if (!forward || !state) return;
      state.store(this.#memory, index, 'h', skipRows(forward.states, rows));
      if (forward.cellStates) state.store(this.#memory, index, 'c', skipRows(forward.cellStates, rows));
    });
  }

  /** Writes the states that the decoder starts from. */
  #load(state: WasmState): void {
    this.#plan.decoder.layers.forEach(({ directions: [forward] }, index) => {
      if (!forward) return;
      state.load(this.#memory, index, 'h', forward.states);
      if (forward.cellStates) state.load(this.#memory, index, 'c', forward.cellStates);
    });
  }

  #readSource({ inputs, lengths }: SourceBatch): void {
    const { i32 } = this.#memory;
    const { encoder } = this.#plan;
    i32.set(inputs, encoder.tokens / 4);
    this.#readLengths(lengths);
  }

  #readLengths(lengths: Int32Array | undefined): void {
    if (lengths) this.#memory.i32.set(lengths, this.#plan.encoder.lengths / 4);
    this.#masked.source = lengths ? 'masked' : 'whole';
  }

  #runEncoder(dropout: Dropout): void {
    const { encoder, attention } = this.#plan;
    runLayers(this.#operations, this.#model.encoder, encoder, { start: 'zeros', lengths: this.#masked.source, dropout, order: this.#order });
    if (attention) gatherEncoded(this.#operations, attention);
  }

  #runDecoder(state: WasmState, dropout: Dropout): void {
    const { decoder, attention, outputs } = this.#plan;
    this.#load(state);
    runLayers(this.#operations, this.#model.decoder, decoder, { start: 'given', lengths: this.#masked.target, dropout, firstLayer: this.#model.encoder.layers.length, order: this.#order });
    if (attention) attend(this.#operations, this.#memory, attention, outputs, decoder.top, this.#masked.source);
  }
}

function required(backward: BackwardPlan | undefined): BackwardPlan {
  if (!backward) throw new Error('a plan for training has room for gradients');
  return backward;
}
