import type { Tensor, Tensors } from '../../../shared/tensor';
import type { Batch, TraceOptions } from '../../engine';
import { orderTensors, type ProcessingOrder } from '../../order';
import { AdjointPass, type AdjointObserver } from '../adjoints';
import type { Head } from '../head';
import { Arena, panelRange, skipRows, type EngineMemory, type Panels } from '../memory';
import type { Operations } from '../operations';
import type { ScaledRows } from '../scaledRows';
import { StackTracer } from '../stackTrace';
import { flowBytes, lossesOf, readLosses } from '../trace';
import { isEnded } from '../traceRows';
import { attendBackward, type AttentionPlan } from './attention';
import { AttentionAdjoint } from './attentionAdjoint';
import { HandOverAdjoint } from './handOver';
import type { TranslationArchitecture, TranslationModel, TranslationPlan } from './model';

/** What the trace of a translation model is made of, after a forward pass without dropout. */
export interface TranslationTraceContext {
  readonly architecture: TranslationArchitecture;
  readonly operations: Operations;
  readonly memory: EngineMemory;
  readonly model: TranslationModel;
  readonly plan: TranslationPlan;
  readonly head: Head;
  readonly masked: { readonly source: 'masked' | 'whole'; readonly target: 'masked' | 'whole' };
  readonly order: ProcessingOrder;
}

/** One for each stack. */
interface StackTracers {
  readonly encoder: StackTracer;
  readonly decoder: StackTracer;
}

/** States, gates and derivatives of both stacks, attention, logits and the order of the cells; leaves losses in the plan. Types as in `traceBatch`. */
export function traceStacks(context: TranslationTraceContext, batch: Batch, { flow }: TraceOptions): Tensors {
  const { architecture, operations, memory, model, plan, head, masked, order } = context;
  const trace: Tensors = new Map();
  const tracers: StackTracers = {
    encoder: new StackTracer(trace, { operations, memory, plan: plan.encoder, prefix: 'encoder.', lengths: batch.source?.lengths }),
    decoder: new StackTracer(trace, { operations, memory, plan: plan.decoder, prefix: 'decoder.', lengths: batch.lengths }),
  };
  tracers.encoder.states();
  tracers.decoder.states();
  if (plan.attention) trace.set('attention.weights', attentionWeights(memory, plan.attention, batch));

  // Adjoints of what the output layer read, of every position's own loss, behind the plan; those of the decoder's
  // outputs with what comes through attention's scores.
  const positions = head.writeTargets(batch);
  const arena = new Arena(plan.decoder.end);
  const dRead = arena.panels(plan.decoder.rows, model.decoder.head.weight.value.kPanels);
  memory.reserve(arena.end);
  trace.set('output.logits', readLosses({ operations, memory, model: model.decoder, plan: plan.decoder, head }, batch, dRead));
  if (plan.attention) attendBackward(operations, memory, plan.attention, plan.outputs, dRead, masked.source);

  traceGradients(context, tracers, arena.end, dRead, positions);
  if (flow === 'with-flow') traceFlow(context, tracers, arena.end, dRead);
  for (const [name, tensor] of orderTensors(architecture, batch, order)) trace.set(name, tensor);
  return trace;
}

/** Derivatives of the mean loss by all states. */
function traceGradients(context: TranslationTraceContext, { encoder, decoder }: StackTracers, start: number, dRead: Panels, positions: number): void {
  const arena = new Arena(start);
  const way = new WayBack(context, arena, dRead, 1, 'with-paths');
  const scale = positions > 0 ? 1 / positions : 0;
  const observers = { encoder: encoder.gradients(arena, scale), decoder: decoder.gradients(arena, scale) };
  context.memory.reserve(arena.end);
  way.begin();
  for (let t = 0; t < context.plan.decoder.steps; t++) way.put(t, 0);
  way.run(observers);
}

/** The flow matrices of both stacks. The adjoints of as many positions as fit go back together. */
function traceFlow(context: TranslationTraceContext, { encoder, decoder }: StackTracers, start: number, dRead: Panels): void {
  const { memory, model, plan } = context;
  const { steps: positions, sequences } = plan.decoder;
  const bytes = AdjointPass.bytesPerCopy(model.encoder, plan.encoder, sequences) + AdjointPass.bytesPerCopy(model.decoder, plan.decoder, sequences);
  const copies = Math.min(positions, Math.max(1, Math.floor(flowBytes / bytes)));
  const losses = lossesOf(memory, plan.decoder);
  for (let first = 0; first < positions; first += copies) {
    const together = Array.from({ length: Math.min(copies, positions - first) }, (_, copy) => first + copy);
    const arena = new Arena(start);
    const way = new WayBack(context, arena, dRead, together.length, 'without-paths');
    const flows = { encoder: encoder.flow(arena, together, losses), decoder: decoder.flow(arena, together, losses) };
    memory.reserve(arena.end);
    way.begin();
    together.forEach((position, copy) => way.put(position, copy));
    way.run(flows, together);
    flows.encoder.finish();
    flows.decoder.finish();
  }
}

/** The adjoints of several losses ("copies") on their way back through the decoder, attention, hand-over and the encoder; see `AdjointPass`. */
class WayBack {
  readonly #context: TranslationTraceContext;
  readonly #dRead: Panels;
  readonly #copies: number;
  readonly #passes: { readonly encoder: AdjointPass; readonly decoder: AdjointPass };
  readonly #handOver: HandOverAdjoint;
  readonly #attention: AttentionAdjoint | undefined;
  #dOutputs: { readonly encoder: ScaledRows; readonly decoder: ScaledRows } | undefined;

  /** Takes its buffers from `arena`, whose end the caller reserves. `dRead`: of each row's own loss, with that of h complete. */
  constructor(context: TranslationTraceContext, arena: Arena, dRead: Panels, copies: number, paths: 'with-paths' | 'without-paths') {
    const { architecture, operations, memory, model, plan, masked } = context;
    this.#context = context;
    this.#dRead = dRead;
    this.#copies = copies;
    this.#passes = {
      encoder: new AdjointPass(operations, memory, model.encoder, plan.encoder, arena, { copies, lengths: masked.source, paths }),
      decoder: new AdjointPass(operations, memory, model.decoder, plan.decoder, arena, { copies, lengths: masked.target, paths }),
    };
    this.#handOver = new HandOverAdjoint(operations, memory, architecture, arena, plan.decoder.sequences * copies);
    this.#attention = plan.attention && new AttentionAdjoint(operations, memory, { plan: plan.attention, hidden: plan.outputs, dRead, lengths: masked.source }, arena);
  }

  /** No loss at first. */
  begin(): void {
    this.#dOutputs = { encoder: this.#passes.encoder.begin(), decoder: this.#passes.decoder.begin() };
  }

  /** Adds the losses at `position` to those that travel as `copy`; not twice the same position. */
  put(position: number, copy: number): void {
    const { operations, memory, plan } = this.#context;
    const { sequences } = plan.decoder;
    if (!this.#dOutputs) throw new Error('the way back has not begun');
    const { encoder, decoder } = this.#dOutputs;
    const row = (position * this.#copies + copy) * sequences;
    operations.copy(sequences, skipRows(this.#dRead, position * sequences), skipRows(panelRange(decoder.rows, 0, plan.outputs.panels), row));
    memory.i32.fill(0, decoder.exponents / 4 + row, decoder.exponents / 4 + row + sequences);
    this.#attention?.add(position, encoder, this.#copies, copy);
  }

  /** `positions` as in `AdjointPass.run`: no loss reaches a later state of the decoder, but each reaches all of the encoder's. */
  run(observers: { readonly encoder: AdjointObserver; readonly decoder: AdjointObserver }, positions?: readonly number[]): void {
    const initial: AdjointObserver['initial'] = (layerIndex, adjoint) => this.#handOver.take(layerIndex, adjoint);
    this.#passes.decoder.run({ ...observers.decoder, initial }, positions);
    this.#passes.encoder.run(observers.encoder, undefined, this.#handOver.final);
  }
}

/** [T,B,S], 0 at padded target positions. */
function attentionWeights({ f32 }: EngineMemory, { weights, sourceSteps }: AttentionPlan, batch: Batch): Tensor {
  const { steps, sequences } = batch;
  const data = f32.slice(weights / 4, weights / 4 + steps * sequences * sourceSteps);
  for (let row = 0; row < steps * sequences; row++) if (isEnded(batch, row)) data.fill(0, row * sourceSteps, (row + 1) * sourceSteps);
  return { dtype: 'F32', shape: [steps, sequences, sourceSteps], data };
}
