import type { Batch, Checkpointed, Engine } from '../engine/engine';
import type { Estimate, LayerFacts, TrainingFacts } from '../shared/diagnosis';
import { flowByLag, reachOf } from '../shared/flow';
import type { MetricsColumns } from '../shared/run';
import type { Tensors } from '../shared/tensor';
import type { LayerShape } from '../spec/architecture';
import { estimateOf } from './estimate';

/** The curves of a run, as far as they matter here. */
export type TrainingHistory = Pick<MetricsColumns, 'step' | 'loss' | 'gradNorm' | 'clipped'>;

/** An activation this close to an end of its range hardly moves any more. */
const nearEnd = 0.02;

/** A unit that moves less than this over all timesteps and sequences is dead. */
const still = 1e-4;

/** Facts of every layer, and how the real gradient decays with lag. */
export interface StateFacts {
  readonly layers: readonly LayerFacts[];
  /** Mean ‖∂ℓₜ/∂hₜ₋ₙ‖ by lag, in the order of `layers`. */
  readonly flow: readonly Float64Array[];
}

/** Looks at what units do on a batch, and at how far the gradient of its losses reaches. */
export function stateFacts(engine: Engine, batch: Batch, alive: Checkpointed): StateFacts {
  const trace = engine.trace(batch, { flow: 'with-flow', parameters: 'without-gradients', alive });
  const { loss } = engine.architecture;
  const places = engine.architecture.layers.flatMap((shape, layer) => shape.directions.map((direction) => ({ shape, layer, direction })));
  const flow = places.map(({ layer, direction }) => {
    const tensor = trace.get(`layer${layer}.${direction}.flow`);
    const data = Float64Array.from(tensor?.data ?? [], Number);
    const [rows = 1, columns = batch.steps] = tensor?.shape ?? [];
    // Timesteps without a loss send nothing back: they are no losses whose gradient vanished.
    const kept = Array.from({ length: rows }, (_, row) => row).filter((row) => data.subarray(row * columns, (row + 1) * columns).some((value) => value > 0));
    return flowByLagOf(kept, data, columns, loss === 'class', direction);
  });
  const layers = places.map(({ shape, layer, direction }, place) => {
    const states = numbers(trace, `layer${layer}.${direction}.h`);
    const saturation = saturationOf(trace, shape, `layer${layer}.${direction}`, batch.sequences);
    return { layer, direction, saturation: saturation.mean, saturationError: saturation.error, dead: deadShare(states, shape.units), reach: reachOf(flow[place] ?? []) };
  });
  return { layers, flow };
}

/** Mean along the diagonals of the rows that have a loss. */
function flowByLagOf(rows: readonly number[], data: Float64Array, columns: number, once: boolean, direction: 'forward' | 'reverse'): Float64Array {
  if (once) return flowByLag({ losses: 'last-step', rows: 1, columns, data }, direction);
  const [sums, counts] = [new Float64Array(columns), new Float64Array(columns)];
  for (const t of rows) {
    for (let lag = 0; lag < columns; lag++) {
      const k = direction === 'forward' ? t - lag : t + lag;
      if (k < 0 || k >= columns) break;
      sums[lag] = (sums[lag] ?? 0) + (data[t * columns + k] ?? 0);
      counts[lag] = (counts[lag] ?? 0) + 1;
    }
  }
  return sums.map((sum, lag) => sum / Math.max(1, counts[lag] ?? 0));
}

/**
 * Share of activations near an end of their range. The gates that keep a state (an LSTM's f, a GRU's z) are
 * left out: one that stands open is how a memory should be.
 */
function saturationOf(trace: Tensors, { cell, activation, units }: LayerShape, place: string, sequences: number): Estimate {
  const [signed, gates] = cell === 'lstm' ? [['gate.cell'], ['gate.input', 'gate.output']] : cell === 'gru' ? [['gate.new'], ['gate.reset']] : [activation === 'tanh' ? ['h'] : [], []];
  const looked = [...signed.map((name) => ({ name, low: -1 })), ...gates.map((name) => ({ name, low: 0 }))];
  if (looked.length === 0) return { mean: 0, error: 0 };
  const shares = looked.map(({ name, low }) => sharesBySequence(numbers(trace, `${place}.${name}`), sequences, units, (value) => value < low + nearEnd || value > 1 - nearEnd));
  return estimateOf(Array.from({ length: sequences }, (_, b) => shares.reduce((sum, own) => sum + (own[b] ?? 0), 0) / shares.length));
}

/** Of each sequence the share of its values [T,B,H] that are near an end. */
function sharesBySequence(values: Float64Array, sequences: number, units: number, isNear: (value: number) => boolean): number[] {
  const [near, real] = [new Float64Array(sequences), new Float64Array(sequences)];
  values.forEach((value, i) => {
    // Padded timesteps hold exactly 0 everywhere; states and gates practically never do.
    if (value === 0) return;
    const b = Math.floor(i / units) % sequences;
    real[b] = (real[b] ?? 0) + 1;
    near[b] = (near[b] ?? 0) + Number(isNear(value));
  });
  return Array.from(near, (count, b) => count / Math.max(1, real[b] ?? 0));
}

function deadShare(states: Float64Array, units: number): number {
  let dead = 0;
  for (let u = 0; u < units; u++) {
    let [low, high] = [Infinity, -Infinity];
    for (let i = u; i < states.length; i += units) [low, high] = [Math.min(low, states[i] ?? 0), Math.max(high, states[i] ?? 0)];
    if (high - low < still) dead++;
  }
  return dead / Math.max(1, units);
}

function numbers(trace: Tensors, name: string): Float64Array {
  return Float64Array.from(trace.get(name)?.data ?? [], Number);
}

/** What the curves of a run say; `step` is that of the weights. */
export function trainingFacts(history: TrainingHistory | undefined, step: number, diverged: boolean): TrainingFacts {
  const count = history?.step.length ?? 0;
  if (!history || count < 10) return { step, diverged };
  const recent = Math.max(5, Math.floor(count / 5));
  const [before, last] = [meanOf(history.loss.slice(count - 2 * recent, count - recent)), meanOf(history.loss.slice(count - recent))];
  const norms = Float64Array.from(history.gradNorm.slice(count - recent)).filter(Number.isFinite).sort();
  const percentile = (share: number): number => norms[Math.min(norms.length - 1, Math.floor(share * norms.length))] ?? 0;
  return {
    step,
    lossChange: (last - before) / Math.max(Math.abs(before), 1e-12),
    clipped: meanOf(Float64Array.from(history.clipped.slice(count - recent))),
    ...(norms.length > 0 && { gradNorm: { p50: percentile(0.5), p90: percentile(0.9), p99: percentile(0.99) } }),
    diverged: diverged || !Number.isFinite(last),
  };
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
