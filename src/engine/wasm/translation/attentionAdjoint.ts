import { panelRange, skipRows, type Arena, type EngineMemory, type Panels } from '../memory';
import type { Operations } from '../operations';
import { addScaled, type ScaledRows } from '../scaledRows';
import { moveToSource, writeJob, type AttentionPlan } from './attention';

/** What an attention read, and what came back to it, of a decoder with T timesteps. */
export interface AttentionTrace {
  readonly plan: AttentionPlan;
  /** The decoder's outputs [T·B]. */
  readonly hidden: Panels;
  /** ∂ℓ/∂[h, context] [T·B], of each row's own loss. */
  readonly dRead: Panels;
  readonly lengths: 'masked' | 'whole';
}

/**
 * What reaches the encoder's outputs through attention, one timestep of the decoder at a time. For traces: each row
 * keeps a power of two of its own, so that nothing vanishes by the format (`attentionBackward` is for training).
 */
export class AttentionAdjoint {
  readonly #operations: Operations;
  readonly #memory: EngineMemory;
  readonly #trace: AttentionTrace;
  /** Of one timestep [S·B], as attention reads them, and as the encoder's outputs lie. */
  readonly #dEncoded: Panels;
  readonly #dSource: Panels;
  readonly #exponents: number;

  /** Takes its buffers from `arena`, whose end the caller reserves. */
  constructor(operations: Operations, memory: EngineMemory, trace: AttentionTrace, arena: Arena) {
    const { model, sourceSteps, sequences } = trace.plan;
    const rows = sourceSteps * sequences;
    this.#operations = operations;
    this.#memory = memory;
    this.#trace = trace;
    this.#dEncoded = arena.panels(rows, model.columns.panels);
    this.#dSource = model.move ? arena.panels(rows, model.source.panels) : this.#dEncoded;
    this.#exponents = arena.take(rows * 4);
  }

  /** Adds what the losses at timestep t lead to: to rows (s·copies + copy)·B + b of `dOutputs`. */
  add(t: number, dOutputs: ScaledRows, copies: number, copy: number): void {
    const { plan, hidden, dRead, lengths } = this.#trace;
    const { model, sourceSteps, sequences } = plan;
    const { panels } = model.columns;
    writeJob(this.#memory, plan, hidden, lengths, panelRange(dRead, panels, panels), { dHidden: dRead, dEncoded: this.#dEncoded });
    this.#operations.attentionAdjoint(sequences, sourceSteps * panels * 64, plan.job, t, this.#exponents);
    moveToSource(this.#operations, plan, this.#dEncoded, this.#dSource);
    for (let s = 0; s < sourceSteps; s++) {
      const row = (s * copies + copy) * sequences;
      const from = { rows: skipRows(this.#dSource, s * sequences), exponents: this.#exponents + s * sequences * 4 };
      const to = { rows: skipRows(panelRange(dOutputs.rows, 0, from.rows.panels), row), exponents: dOutputs.exponents + row * 4 };
      addScaled(this.#operations, 0, sequences, to, from);
    }
  }
}
