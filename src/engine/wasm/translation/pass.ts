import type { Tensors } from '../../../shared/tensor';
import type { Batch, LossSum, SourceBatch } from '../../engine';
import { backpropagate } from '../backward';
import { runLayers } from '../forward';
import { Head } from '../head';
import { panelRange, skipRows, type EngineMemory, type Panels } from '../memory';
import type { Operations } from '../operations';
import type { BackwardPlan } from '../plan';
import { WasmState } from '../state';
import { positionLosses, readLosses } from '../trace';
import { attend, attendBackward, type Attention, type AttentionSizes } from './attention';
import { handOver, handOverBackward, type DecoderState } from './handOver';
import type { TranslationArchitecture, TranslationModel, TranslationPlan } from './model';
import { addRows, readRows, writeRows, type RowPlace } from './rows';

type Masked = 'masked' | 'whole';

/** One batch's way through encoder, hand-over, decoder, attention and output layer, and back. */
export class TranslationPass {
  readonly #architecture: TranslationArchitecture;
  readonly #operations: Operations;
  readonly #memory: EngineMemory;
  readonly #model: TranslationModel;
  readonly #plan: TranslationPlan;
  readonly #head: Head;
  readonly #attends: boolean;
  /** The encoder's top outputs [B,S,O] and the real steps of each source; empty without attention. */
  #encoded: Float32Array = new Float32Array(0);
  #sourceLengths: Int32Array | undefined;
  #sourceSteps: number;
  #masked: { source: Masked; target: Masked } = { source: 'whole', target: 'whole' };
  /** The decoder's top outputs [B,T,O] and what they saw. */
  #seen: (Attention & { readonly h: Float32Array }) | undefined;

  constructor(architecture: TranslationArchitecture, operations: Operations, memory: EngineMemory, model: TranslationModel, plan: TranslationPlan) {
    this.#architecture = architecture;
    this.#operations = operations;
    this.#memory = memory;
    this.#model = model;
    this.#plan = plan;
    this.#sourceSteps = plan.encoder.steps;
    this.#attends = architecture.encoder.attention === 'dot';
    this.#head = new Head(operations, memory, model.decoder, plan.decoder);
  }

  /** The encoder's top outputs [B,S,O]; empty without attention. */
  get encoded(): Float32Array {
    return this.#encoded;
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
    const { outputs } = this.#architecture;
    this.#memory.i32.set(inputs, decoder.tokens / 4);
    this.#encoded = state.encoded;
    this.#sourceLengths = state.lengths;
    this.#sourceSteps = state.sourceSteps;
    this.#runDecoder(state, undefined);
    const rows = this.#head.logits(this.#head.read(undefined), 0, sequences);
    const logits = readRows(this.#memory, { rows, columns: this.#model.decoder.head.columns, steps: 1, sequences });
    this.carry(state);
    return Float64Array.from(logits.subarray(0, sequences * outputs));
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
    const dEncoded = panelRange(encoderBackward.adjoints[0], 0, encoder.output.panels);
    this.#operations.clear(plan.encoder.rows, dEncoded);
    if (this.#attends) this.#attentionBackward(dRead, dEncoded);
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
    if (this.#seen) trace.set('attention.weights', { dtype: 'F32', shape: [batch.steps, batch.sequences, this.#sourceSteps], data: this.#timeFirst(this.#seen.weights, batch) });
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
    if (lengths) i32.set(lengths, encoder.lengths / 4);
    this.#sourceLengths = lengths;
    this.#masked.source = lengths ? 'masked' : 'whole';
  }

  #runEncoder(dropoutSeed: number | undefined): void {
    const { encoder } = this.#plan;
    runLayers(this.#operations, this.#memory, this.#model.encoder, encoder, { state: undefined, lengths: this.#masked.source, dropoutSeed });
    if (this.#attends) this.#encoded = readRows(this.#memory, this.#encoderRows(encoder.top));
  }

  #runDecoder(state: WasmState, dropoutSeed: number | undefined): void {
    const { decoder } = this.#plan;
    runLayers(this.#operations, this.#memory, this.#model.decoder, decoder, { state, lengths: this.#masked.target, dropoutSeed, firstLayer: this.#model.encoder.layers.length });
    if (this.#attends) this.#look();
  }

  /** Fills what the output layer reads: [h, context]. */
  #look(): void {
    const { decoder, outputs } = this.#plan;
    const { output } = this.#model.decoder;
    const h = readRows(this.#memory, this.#decoderRows(outputs));
    this.#seen = { h, ...attend(h, this.#encoded, this.#sizes, this.#sourceLengths) };
    const context = this.#contextOf(decoder.top);
    this.#operations.copy(decoder.rows, panelRange(outputs, 0, output.panels), panelRange(decoder.top, 0, output.panels));
    this.#operations.clear(decoder.rows, context);
    writeRows(this.#memory, this.#contextRows(context), this.#seen.context);
    this.#spend(2);
  }

  /** The adjoint of [h, context] becomes that of h in place; the encoder's outputs get theirs. */
  #attentionBackward(dRead: Panels, dEncoded: Panels): void {
    if (!this.#seen) throw new Error('attention runs forwards before it runs backwards');
    const { h, weights } = this.#seen;
    const dContext = readRows(this.#memory, this.#contextRows(this.#contextOf(dRead)));
    const { dh, de } = attendBackward(h, this.#encoded, weights, dContext, this.#sizes, this.#sourceLengths);
    addRows(this.#memory, this.#decoderRows(dRead), dh);
    writeRows(this.#memory, this.#encoderRows(dEncoded), de);
    this.#spend(4);
  }

  get #sizes(): AttentionSizes {
    const { steps, sequences } = this.#plan.decoder;
    return { sequences, steps, sourceSteps: this.#sourceSteps, size: this.#model.encoder.output.size };
  }

  #contextOf(read: Panels): Panels {
    return panelRange(read, this.#model.decoder.output.panels, this.#model.encoder.output.panels);
  }

  #contextRows(rows: Panels): RowPlace {
    const { steps, sequences } = this.#plan.decoder;
    return { rows, columns: this.#model.encoder.output, steps, sequences };
  }

  #decoderRows(rows: Panels): RowPlace {
    const { steps, sequences } = this.#plan.decoder;
    return { rows, columns: this.#model.decoder.output, steps, sequences };
  }

  #encoderRows(rows: Panels): RowPlace {
    const { steps, sequences } = this.#plan.encoder;
    return { rows, columns: this.#model.encoder.output, steps, sequences };
  }

  /** [B,T,S] as [T,B,S], 0 at padded target positions. */
  #timeFirst(weights: Float32Array, { steps, sequences, lengths }: Batch): Float32Array {
    const size = this.#sourceSteps;
    const data = new Float32Array(weights.length);
    for (let b = 0; b < sequences; b++) {
      for (let t = 0; t < (lengths?.[b] ?? steps); t++) data.set(weights.subarray((b * steps + t) * size, (b * steps + t + 1) * size), (t * sequences + b) * size);
    }
    return data;
  }

  /** Tells how much work `products` passes over all pairs of steps were. */
  #spend(products: number): void {
    const { sequences, steps, sourceSteps, size } = this.#sizes;
    this.#operations.pace.spend(products * sequences * steps * sourceSteps * size * 8);
  }
}

function required(backward: BackwardPlan | undefined): BackwardPlan {
  if (!backward) throw new Error('a plan for training has room for gradients');
  return backward;
}
