import type { Tensor, Tensors } from '../../../shared/tensor';
import type { Batch, LossSum, SourceBatch } from '../../engine';
import { backpropagate } from '../backward';
import { runLayers } from '../forward';
import { Head } from '../head';
import { panelRange, skipRows, type EngineMemory } from '../memory';
import type { Operations } from '../operations';
import type { BackwardPlan } from '../plan';
import { WasmState } from '../state';
import { positionLosses, readLosses } from '../trace';
import { attend, attendBackward, gatherEncoded, type AttentionPlan } from './attention';
import { handOver, handOverBackward, type DecoderState } from './handOver';
import type { TranslationArchitecture, TranslationModel, TranslationPlan } from './model';
import { readRows, restorePanels, savePanels } from './rows';

type Masked = 'masked' | 'whole';

/** One batch's way through encoder, hand-over, decoder, attention and output layer, and back. */
export class TranslationPass {
  readonly #architecture: TranslationArchitecture;
  readonly #operations: Operations;
  readonly #memory: EngineMemory;
  readonly #model: TranslationModel;
  readonly #plan: TranslationPlan;
  readonly #head: Head;
  #masked: { source: Masked; target: Masked } = { source: 'whole', target: 'whole' };

  constructor(architecture: TranslationArchitecture, operations: Operations, memory: EngineMemory, model: TranslationModel, plan: TranslationPlan) {
    this.#architecture = architecture;
    this.#operations = operations;
    this.#memory = memory;
    this.#model = model;
    this.#plan = plan;
    this.#head = new Head(operations, memory, model.decoder, plan.decoder);
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
  encode(source: SourceBatch, dropoutSeed: number | undefined): void {
    this.#readSource(source);
    this.#runEncoder(dropoutSeed);
  }

  /** Both stacks and attention. */
  forward(dropoutSeed: number | undefined): void {
    this.#runEncoder(dropoutSeed);
    const state = new WasmState(this.#architecture, this.#plan.decoder.sequences);
    this.handOver(state);
    this.#runDecoder(state, dropoutSeed);
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
    this.#runDecoder(state, undefined);
    const logits = readRows(this.#memory, this.#head.logits(this.#head.read(undefined), 0, sequences), this.#model.decoder.head.columns, sequences);
    this.carry(state);
    return Float64Array.from(logits);
  }

  evaluate(batch: Batch): LossSum {
    return this.#head.evaluate(batch);
  }

  /** Loss and all parameter gradients, after `forward` with the same seed. */
  backward(batch: Batch, dropoutSeed: number | undefined): LossSum {
    const { encoder, decoder } = this.#model;
    const plan = this.#plan;
    const [backward, encoderBackward] = [required(plan.decoder.backward), required(plan.encoderBackward)];
    // 1. Output layer and attention.
    const dRead = backward.adjoints[0];
    const loss = this.#head.train(batch, dRead);
    if (plan.attention) attendBackward(this.#operations, this.#memory, plan.attention, plan.outputs, dRead, this.#masked.source);
    else this.#operations.clear(plan.encoder.rows, panelRange(encoderBackward.adjoints[0], 0, encoder.output.panels));
    // 2. The decoder, down to the states it started from.
    const initial = new WasmState(this.#architecture, plan.decoder.sequences);
    backpropagate(this.#operations, this.#memory, decoder, plan.decoder, backward, { lengths: this.#masked.target, dropoutSeed, firstLayer: encoder.layers.length, initial });
    // 3. The encoder, from its last states and from what attention saw.
    const final = handOverBackward(this.#architecture.encoder, initial);
    backpropagate(this.#operations, this.#memory, encoder, plan.encoder, encoderBackward, { lengths: this.#masked.source, dropoutSeed, final });
    return loss;
  }

  /** Loss, logits, attention and gradients, after `forward` without dropout; see `Engine.trace`. */
  trace(batch: Batch): Tensors {
    const { decoder } = this.#plan;
    const { store } = this.#model.decoder;
    const trace: Tensors = new Map();
    if (this.#plan.attention) trace.set('attention.weights', this.#attentionWeights(this.#plan.attention, batch));
    const context = { operations: this.#operations, memory: this.#memory, model: this.#model.decoder, plan: decoder, head: this.#head };
    this.#head.writeTargets(batch);
    trace.set('output.logits', readLosses(context, batch, panelRange(required(decoder.backward).adjoints[0], 0, this.#model.decoder.head.weight.value.kPanels)));
    const { sum, positions } = this.backward(batch, undefined);
    trace.set('loss', { dtype: 'F64', shape: [], data: Float64Array.of(positions > 0 ? sum / positions : 0) });
    trace.set('loss.position', positionLosses(context));
    for (const [name, tensor] of store.read('gradients', (parameter) => `grad.param.${parameter}`)) trace.set(name, tensor);
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

  #runEncoder(dropoutSeed: number | undefined): void {
    const { encoder, attention } = this.#plan;
    runLayers(this.#operations, this.#memory, this.#model.encoder, encoder, { state: undefined, lengths: this.#masked.source, dropoutSeed });
    if (attention) gatherEncoded(this.#operations, attention);
  }

  #runDecoder(state: WasmState, dropoutSeed: number | undefined): void {
    const { decoder, attention, outputs } = this.#plan;
    runLayers(this.#operations, this.#memory, this.#model.decoder, decoder, { state, lengths: this.#masked.target, dropoutSeed, firstLayer: this.#model.encoder.layers.length });
    if (attention) attend(this.#operations, this.#memory, attention, outputs, decoder.top, this.#masked.source);
  }

  /** [T,B,S], 0 at padded target positions. */
  #attentionWeights({ weights, sourceSteps }: AttentionPlan, { steps, sequences, lengths }: Batch): Tensor {
    const data = this.#memory.f32.slice(weights / 4, weights / 4 + steps * sequences * sourceSteps);
    for (let row = 0; row < steps * sequences; row++) {
      if (lengths && Math.floor(row / sequences) >= (lengths[row % sequences] ?? steps)) data.fill(0, row * sourceSteps, (row + 1) * sourceSteps);
    }
    return { dtype: 'F32', shape: [steps, sequences, sourceSteps], data };
  }
}

function required(backward: BackwardPlan | undefined): BackwardPlan {
  if (!backward) throw new Error('a plan for training has room for gradients');
  return backward;
}
