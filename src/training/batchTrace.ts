import type { Batch, Checkpointed, Engine, UpdateRule } from '../engine/engine';
import type { Tensors } from '../shared/tensor';

/** What a batch trace holds besides the trace itself. */
export interface BatchTraceOptions {
  /** Updates to make on this same batch after the trace: {gradient, clip, step}, so many times. */
  readonly updates: number;
  readonly rule: UpdateRule;
  readonly alive?: Checkpointed;
}

/**
 * The trace of one batch and, when `updates` is not 0, what that many updates on it lead to:
 * `updated.{parameter}`, `update.gradNorm` [n] (before clipping) and `update.loss` [n] (before each update).
 * Afterwards the engine's parameters are the updated ones.
 */
export function traceBatch(engine: Engine, batch: Batch, { updates, rule, alive }: BatchTraceOptions): Tensors {
  const trace = engine.trace(batch, { flow: 'with-flow', alive });
  if (updates === 0) return trace;
  const [norms, losses] = [new Float64Array(updates), new Float64Array(updates)];
  for (let update = 0; update < updates; update++) {
    const { gradNorm, loss } = engine.step(batch, rule, { alive });
    norms[update] = gradNorm;
    losses[update] = loss;
  }
  for (const [name, tensor] of engine.parameters()) trace.set(`updated.${name}`, tensor);
  trace.set('update.gradNorm', { dtype: 'F64', shape: [updates], data: norms });
  trace.set('update.loss', { dtype: 'F64', shape: [updates], data: losses });
  return trace;
}
