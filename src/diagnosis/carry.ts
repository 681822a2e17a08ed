import type { Batch, Checkpointed, Engine } from '../engine/engine';
import type { LayerCarry } from '../shared/diagnosis';
import type { Tensors } from '../shared/tensor';

/** Where Jacobians end, as shares of the sequence: one place would mix lag with position. */
const ends = [0.55, 0.7, 0.85, 1];

/** Random vectors for each end and sequence. */
const probes = 2;

/** Below this, log₁₀ of a carry is not followed any further: f64 has ended. */
const leastNorm = 1e-300;

/** What the weights could transmit, of every layer, with these weights and with those of the start. Parameters are left as they were. */
export function measureCarry(engine: Engine, batch: Batch, atStart: Tensors, alive: Checkpointed): LayerCarry[] {
  const request = { ends: ends.map((share) => Math.ceil(share * batch.steps) - 1), probes, seed: 1, alive };
  const trained = engine.parameters();
  const now = engine.carry(batch, request);
  const forget = forgetProducts(engine, batch, alive);
  engine.setParameters(atStart);
  const first = engine.carry(batch, request);
  engine.setParameters(trained);
  return now.map(({ layer, direction, state, norms }, place) => {
    const byLag = normsByLag(norms, batch);
    const rms = byLag.map(rootMeanSquare);
    const squares = squaresBySequence(norms, batch);
    const rmsAtStart = normsByLag(first[place]?.norms ?? new Float64Array(), batch).map(rootMeanSquare);
    return {
      layer,
      direction,
      state,
      rms,
      rmsError: rms.map((_, lag) => decadesError(squares[lag] ?? [])),
      geometricMean: byLag.map((values) => Math.exp(mean(values.map((value) => Math.log(Math.max(value, leastNorm)))))),
      median: byLag.map((values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0),
      slope: slopeOf(rms),
      rmsAtStart,
      slopeAtStart: slopeOf(rmsAtStart),
      ...(forget.has(`layer${layer}.${direction}`) && { forget: forget.get(`layer${layer}.${direction}`) ?? [] }),
    };
  });
}

/** All lengths at each lag, over ends, vectors and sequences, as far as there are any. */
function normsByLag(norms: Float64Array, { steps, sequences }: Batch): number[][] {
  const byLag = Array.from({ length: steps }, (): number[] => []);
  norms.forEach((norm, i) => {
    if (!Number.isNaN(norm)) byLag[Math.floor(i / sequences) % steps]?.push(norm);
  });
  const reached = byLag.findIndex((values) => values.length === 0);
  return reached < 0 ? byLag : byLag.slice(0, reached);
}

/** The mean square length at each lag of each sequence that reaches it: vectors and ends of one sequence are not independent. */
function squaresBySequence(norms: Float64Array, { steps, sequences }: Batch): number[][] {
  const [sums, counts] = [new Float64Array(steps * sequences), new Float64Array(steps * sequences)];
  norms.forEach((norm, i) => {
    const place = i % (steps * sequences);
    if (!Number.isNaN(norm)) [sums[place], counts[place]] = [(sums[place] ?? 0) + norm * norm, (counts[place] ?? 0) + 1];
  });
  return Array.from({ length: steps }, (_, lag) => Array.from({ length: sequences }, (_, b) => (sums[lag * sequences + b] ?? 0) / (counts[lag * sequences + b] ?? 0)).filter((square) => !Number.isNaN(square)));
}

/** Standard error of log₁₀ √mean, in decades, by leaving out one sequence at a time: a few that make up the whole mean widen it. */
function decadesError(squares: readonly number[]): number {
  const count = squares.length;
  if (count < 2) return Infinity;
  const total = squares.reduce((sum, square) => sum + square, 0);
  const without = squares.map((square) => 0.5 * Math.log10(Math.max(total - square, leastNorm) / (count - 1)));
  const middle = mean(without);
  return Math.sqrt(((count - 1) / count) * without.reduce((sum, value) => sum + (value - middle) ** 2, 0));
}

/** The ends of the 95 % interval of a carry. */
export function carryInterval({ rms, rmsError }: LayerCarry, lag: number): { readonly low: number; readonly high: number } {
  const place = Math.min(lag, rms.length - 1);
  const factor = 10 ** Math.min(300, 1.96 * (rmsError[place] ?? Infinity));
  return { low: (rms[place] ?? 0) / factor, high: (rms[place] ?? 0) * factor };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(mean(values.map((value) => value * value)));
}

/** Decades per lag of the least-squares line through log₁₀ of a curve from lag 1 on. */
export function slopeOf(curve: readonly number[]): number {
  const points = curve.map((value, lag) => ({ lag, decades: Math.log10(Math.max(value, leastNorm)) })).slice(1);
  if (points.length < 2) return 0;
  const [lag, decades] = [mean(points.map((point) => point.lag)), mean(points.map((point) => point.decades))];
  const spread = points.reduce((sum, point) => sum + (point.lag - lag) ** 2, 0);
  return points.reduce((sum, point) => sum + (point.lag - lag) * (point.decades - decades), 0) / spread;
}

/** ∏f over n steps of each LSTM layer, the mean over units, sequences and ends at the last timestep. */
function forgetProducts(engine: Engine, batch: Batch, alive: Checkpointed): Map<string, number[]> {
  const found = new Map<string, number[]>();
  if (engine.architecture.layers.every(({ cell }) => cell !== 'lstm')) return found;
  for (const [name, { data, shape }] of engine.trace(batch, { flow: 'without-flow', parameters: 'without-gradients', alive })) {
    const place = /^(.*)\.gate\.forget$/.exec(name)?.[1];
    if (place === undefined) continue;
    const [steps = 0, width = 0] = [shape[0], (shape[1] ?? 0) * (shape[2] ?? 0)];
    const products = new Float64Array(width).fill(1);
    const reverse = place.endsWith('reverse');
    const curve = [1];
    for (let lag = 1; lag < steps; lag++) {
      const t = reverse ? lag - 1 : steps - lag;
      products.forEach((product, i) => (products[i] = product * Number(data[t * width + i])));
      curve.push(mean(Array.from(products)));
    }
    found.set(place, curve);
  }
  return found;
}

/** The forward layer that carries most at a lag, which is enough to remember: layers can pass on what one of them keeps. */
export function bestCarrier(layers: readonly LayerCarry[], lag: number): LayerCarry | undefined {
  const at = ({ rms }: LayerCarry): number => rms[Math.min(lag, rms.length - 1)] ?? 0;
  return layers.filter(({ direction }) => direction === 'forward').reduce<LayerCarry | undefined>((best, layer) => (best && at(best) >= at(layer) ? best : layer), undefined);
}
