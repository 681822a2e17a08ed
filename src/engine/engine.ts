import type { Architecture } from '../spec/architecture';
import type { ClipSpec, OptimizerSpec } from '../spec/schema';
import type { Tensors } from '../shared/tensor';
import type { CarryRequest, DirectionCarry } from './carry';
import type { ClippingReport } from './clipping';

/** One batch of T timesteps and B sequences, time first. */
export interface Batch {
  /** T. */
  readonly steps: number;
  /** B. */
  readonly sequences: number;
  /** Tokens [T,B], or values [T,B,features]. */
  readonly inputs: Int32Array | Float64Array;
  /** Loss `tokens`: [T,B]; `values`: [T,B,outputs]; `class`: [B]. A token of −1, or values that are NaN, mark a position that has no loss. */
  readonly targets: Int32Array | Float64Array;
  /** Real timesteps of each sequence [B]; absent: all are T long. A padded position touches no loss, gradient or state. */
  readonly lengths?: Int32Array;
  /** Translation models only, and always: what the encoder reads. Everything else is then about the target. */
  readonly source?: SourceBatch;
}

/** What the encoder of a translation model reads, time first. */
export interface SourceBatch {
  /** S. */
  readonly steps: number;
  /** Tokens [S,B]. */
  readonly inputs: Int32Array;
  /** Real timesteps of each sequence [B], at least 1; absent: all are S long. */
  readonly lengths?: Int32Array;
}

/** States that are carried from one batch to the next; made by the engine that uses it, for B sequences. */
export interface RecurrentState {
  readonly sequences: number;
  /** Back to all zeros. */
  reset(): void;
  /** `layer{l}.{direction}.h` and, for an LSTM, `.c`, each [B,H]. */
  save(): Tensors;
  restore(saved: Tensors): void;
}

/** How gradients become an update. */
export interface UpdateRule {
  readonly optimizer: OptimizerSpec;
  readonly clip?: ClipSpec;
}

/** What an engine computes on. */
export interface Device {
  /** Threads that took part in its last piece of work. */
  readonly threads: number;
  /** Vector instructions: `fused` with one-instruction multiply-adds (wasm relaxed SIMD), `wide` joined in pairs too, `plain` without; `none`: plain numbers. */
  readonly simd: 'wide' | 'fused' | 'plain' | 'none';
}

/** What one training step measured. */
export interface StepReport {
  /** Mean over all positions that count, in nats or squared units, before the update. */
  readonly loss: number;
  /** ‖g‖₂ over all parameters together, before clipping. */
  readonly gradNorm: number;
  readonly clipped: boolean;
  readonly clipping: ClippingReport;
}

/** What a step may be given besides its batch. */
export interface StepOptions {
  readonly state?: RecurrentState;
  /** What dropout is drawn from. */
  readonly seed?: number;
  readonly alive?: Checkpointed;
  /** A report of this engine that nobody reads any more: its objects are used again, so that a step leaves nothing to collect. */
  readonly spent?: StepReport;
}

/** Sum and number, so that means over several batches are exact. */
export interface LossSum {
  /** Sum of the losses of all positions that count. */
  readonly sum: number;
  readonly positions: number;
}

/** Long work asks this between stretches of at most about 20 ms; it throws to abandon the work. */
export type Checkpointed = () => void;

/**
 * What a trace holds besides contract section 5: of each layer with a connection, how much of the mean loss's
 * gradient arrives at its input xₜ by which way, as the norms [T,B] of the two parts of ∂L/∂xₜ:
 *
 * - `layer{l}.connection.grad.identity`: around the layer, with the gate held fast: residual ∂L/∂yₜ, dense its columns
 *   of x, highway (1 − g) ⊙ ∂L/∂yₜ;
 * - `layer{l}.connection.grad.transform`: everything else, through the cell (all directions and timesteps) and
 *   through the highway's gate.
 *
 * The parts add up as vectors; the share of a way is its norm over the sum of both.
 *
 * And the order in which the cells of the forward pass ran: see `orderTensors` in `order.ts`.
 *
 * A translation model has two stacks of layers, and everything that is of a layer is there for both, behind
 * `encoder.` and `decoder.`: `encoder.layer0.reverse.gate.forget`, `decoder.layer1.forward.grad.h`,
 * `encoder.layer0.connection.grad.identity`. What of the encoder has timesteps has the source's S, [S,B,·], each
 * source as long as its own length; the decoder and the logits have the target's T. ℓₜ is the loss of position t of
 * the target, read with teacher forcing:
 *
 * - `encoder.layer{l}.{direction}.h`, `.c`, `.gate.…`: what the encoder did with source step s; the decoder's layers
 *   start from its last states as `EncoderShape` says, so `decoder.…` at t = 0 already knows the source.
 * - `.grad.h`, `.grad.c` of the encoder: the total derivative of the mean loss, by all ways there are: through the
 *   states that are handed over, through attention (its weights as well as its contexts), and through later source
 *   steps and higher layers. `.grad.h.partial` leaves out what comes by the layer's own next state: hₛ₊₁ (reverse:
 *   hₛ₋₁), and for the last state the decoder's first, into which it goes on. What remains comes from the layer
 *   above, the connection and, at the top, attention.
 * - `decoder.layer{l}.forward.flow` [P,T]: ‖∂ℓₜ/∂hₖ‖ as everywhere; what comes back to hₜ through the scores of
 *   attention is in it. No loss reaches a later state.
 * - `encoder.layer{l}.{direction}.flow` [P,S]: ‖∂ℓₜ/∂hₛ‖, how strongly what is written at t depends on what was read
 *   at s. Row by row the picture of an alignment that gradients draw; without attention all of it went through the
 *   few states that were handed over, so that early source steps fade. A row without a loss, and a padded s, are 0.
 * - `attention.weights` [T,B,S]: what the decoder looked at, softmax over the real source steps. A weight is not a
 *   gradient: beside it, `encoder.….flow` tells what the look was worth to the loss. Weights are F32 and end at
 *   1e-38; derivatives and flows go on below, as powers of two are carried along for them.
 */
export interface TraceOptions {
  /** Include `layer{l}.{direction}.flow`. */
  readonly flow: 'with-flow' | 'without-flow';
  /** Include `grad.param.{parameter}`; with them when absent. */
  readonly parameters?: 'with-gradients' | 'without-gradients';
}

/**
 * A network with its parameters and optimizer, on one device.
 *
 * Two implementations answer alike: `reference/` (plain f64, written to be read) and
 * `wasm/` (f32, WebAssembly SIMD). All files and tensors that pass here are row-major
 * and carry PyTorch's names, shapes and gate order.
 */
export interface Engine {
  readonly name: 'reference' | 'wasm';
  readonly device: Device;
  readonly architecture: Architecture;
  /** Throws a RangeError naming the first parameter that is missing, unknown or of the wrong shape. */
  setParameters(parameters: Tensors): void;
  /** Copies of all parameters, in file order; F32 from wasm, F64 from the reference. */
  parameters(): Tensors;
  /** Optimizer moments under `optimizer.{moment}.{parameter}` and `optimizer.step`; restoring them continues bit for bit. */
  optimizerState(): Tensors;
  setOptimizerState(state: Tensors): void;
  /** A zero state for B sequences. */
  createState(sequences: number): RecurrentState;
  /**
   * One training step: forward, full BPTT over the batch, clip, optimizer.
   * With a `state` it starts from there and leaves the final state in it (no gradient flows into it); a
   * translation model always starts from its source, and leaves the final state of its decoder.
   * Parameters are untouched when `alive` throws.
   */
  step(batch: Batch, rule: UpdateRule, options?: StepOptions): StepReport;
  /** Forward only, without dropout. */
  evaluate(batch: Batch, options?: { readonly state?: RecurrentState; readonly alive?: Checkpointed }): LossSum;
  /**
   * Translation models: reads sources [S,B] and gives the state that the decoder starts from, together with
   * what its attention looks at (which `save` and `restore` leave as it is). Throws a RangeError for other models.
   */
  encode(source: SourceBatch, sequences: number): RecurrentState;
  /** One timestep without targets: logits [B, outputs] after reading `inputs` (tokens [B] or values [B,features]); moves the state. */
  predict(inputs: Int32Array | Float64Array, state: RecurrentState): Float64Array;
  /**
   * Everything of contract section 5 for this batch and what `TraceOptions` adds to it, from a zero state (of a
   * translation model's encoder), without dropout; parameters untouched.
   */
  trace(batch: Batch, options: TraceOptions & { readonly alive?: Checkpointed }): Tensors;
  /**
   * How strongly states depend on earlier ones, of every layer and direction, from a zero state and without
   * dropout; the batch's targets do not matter. Throws a RangeError when an end lies outside the batch, and for translation models.
   */
  carry(batch: Batch, request: CarryRequest): readonly DirectionCarry[];
  /** Frees memory and threads; the engine is unusable afterwards. */
  dispose(): void;
}
