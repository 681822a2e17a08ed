import type { Estimate } from '../shared/diagnosis';
import type { Answers } from './answers';
import { estimateOf, interval } from './estimate';
import type { HeldOut } from './heldOut';
import { longLag } from './lags';
import { cholesky, solveBackward, solveForward } from './probes/cholesky';
import { answerRow, crossGram, FeatureRows, gram, type Features } from './probes/features';
import { pairFeatures } from './probes/pairs';
import { ridgeGains, type ProbeGain, type ProbeRows, type Residual } from './probes/ridge';
import { additiveFeatures, bandFeatures } from './probes/inputs';

/** Which probe found something. */
export type ProbeName = 'additive' | 'bands' | 'pairs';

/** What inputs older than each edge are worth, to the probe that sees most in them. */
export interface Demand {
  /** By edge, as shares of the constant answer's loss. */
  readonly gains: readonly Estimate[];
  readonly probes: readonly ProbeName[];
  /** What short lags are worth: the most that a probe gains from lags up to `longLag`. */
  readonly short: number;
  /** Weight of each lag in the best probe of each edge. */
  readonly weightByLag: readonly Float64Array[];
}

/** What the data hold, and what of it the model leaves unexplained. */
export interface Demands {
  /** In the residual of the best constant answer. */
  readonly data: Demand;
  /** In the residual of the model, its answers recalibrated linearly. */
  readonly missing: Demand;
  /** Share of the constant answer's loss that the recalibrated model explains, on test sequences. */
  readonly achieved: Estimate;
  /** Loss of the constant answer, summed over columns. */
  readonly chance: number;
}

/**
 * Measures demand by probes with direct access to past inputs, on sequences that the model has not seen: 55 % train a
 * probe, 15 % choose its size, 30 % judge it. A probe on the model's residual alone would be fooled by a
 * net that is half trained, whose answers are functions of old inputs: both are measured, and what
 * is missing counts only where the data hold it.
 */
export function measureDemand(heldOut: HeldOut, answers: Answers, edges: readonly number[], alive: () => void): Demands {
  const rows = splitRows(answers);
  const data = residualOf(answers, constantAnswer(answers, rows), undefined);
  const model = residualOf(answers, recalibrated(answers, rows), data.chance);
  const both = [data, model];
  const single = additiveFeatures(heldOut, answers);
  const additive = ridgeGains(single, rows, both, edges, alive);
  // What sums explain is taken away first: a product with any old input would stand in for them.
  const pairs = additive.map(({ left }) => ridgeGains(pairFeatures(single, rows, left, alive), rows, [left], edges, alive)[0]);
  const found: Readonly<Record<ProbeName, readonly (ProbeGain | undefined)[]>> = { additive, bands: ridgeGains(bandFeatures(heldOut, answers, edges), rows, both, edges, alive), pairs };
  const of = (index: number): Demand => bestOf(edges, Object.entries(found).flatMap(([probe, gains]) => (gains[index] ? [{ probe: probe as ProbeName, gain: gains[index] }] : [])));
  return { data: of(0), missing: of(1), achieved: achievedShare(answers, rows, data, model), chance: data.chance };
}

/** Splits answers by sequence. */
function splitRows({ sequence }: Answers): ProbeRows {
  const part = (from: number, to: number): Int32Array =>
    Int32Array.from(Array.from(sequence.keys()).filter((row) => {
      // Neighbours in a text fall into different parts; all answers of a sequence into the same.
      const place = ((sequence[row] ?? 0) * 37) % 100;
      return place >= from && place < to;
    }));
  return { sequence, training: part(0, 55), validation: part(55, 70), test: part(70, 100) };
}

/** The mean right answer of the training rows, for every row. */
function constantAnswer({ right, width }: Answers, { training }: ProbeRows): Float64Array {
  const mean = new Float64Array(width);
  for (const row of training) for (let k = 0; k < width; k++) mean[k] = (mean[k] ?? 0) + (right[row * width + k] ?? 0) / Math.max(1, training.length);
  return right.map((_, i) => mean[i % width] ?? 0);
}

/** The linear map of the model's answers that fits the training rows best: a model is not judged by how sure it is. */
function recalibrated({ given, right, width }: Answers, { training }: ProbeRows): Float64Array {
  const collected = new FeatureRows(new Array<number>(width).fill(0));
  for (let row = 0; row < given.length / width; row++) {
    for (let k = 0; k < width; k++) collected.put(k, given[row * width + k] ?? 0);
    collected.endRow();
  }
  const features: Features = collected.finish();
  const size = features.lags.length;
  const products = gram(features, training);
  for (let i = 0; i < size; i++) products[i * size + i] = (products[i * size + i] ?? 0) + 1e-3 + 1e-6 * training.length;
  const factor = cholesky(products, size);
  const weights = solveBackward(factor, solveForward(factor, crossGram(features, training, right, width), width), width, size);
  const answer = new Float64Array(width);
  const out = new Float64Array(given.length);
  for (let row = 0; row < given.length / width; row++) {
    answerRow(features, row, weights, width, answer);
    out.set(answer, row * width);
  }
  return out;
}

function residualOf({ right, width }: Answers, answer: Float64Array, chance: number | undefined): Residual {
  const values = right.map((value, i) => value - (answer[i] ?? 0));
  const meanSquare = values.reduce((sum, value) => sum + value * value, 0) / Math.max(1, values.length / width);
  return { values, width, chance: chance ?? Math.max(meanSquare, Number.MIN_VALUE) };
}

function achievedShare({ sequence }: Answers, { test }: ProbeRows, data: Residual, model: Residual): Estimate {
  const square = ({ values, width }: Residual, row: number): number => values.subarray(row * width, (row + 1) * width).reduce((sum, value) => sum + value * value, 0);
  const bySequence = new Map<number, { sum: number; count: number }>();
  for (const row of test) {
    const own = bySequence.get(sequence[row] ?? 0) ?? { sum: 0, count: 0 };
    bySequence.set(sequence[row] ?? 0, { sum: own.sum + (square(data, row) - square(model, row)) / data.chance, count: own.count + 1 });
  }
  return estimateOf([...bySequence.values()].map(({ sum, count }) => sum / count));
}

/** At each edge the probe whose gain is largest for certain. */
function bestOf(edges: readonly number[], probes: readonly { readonly probe: ProbeName; readonly gain: ProbeGain }[]): Demand {
  const chosen = edges.map((_, edge) => {
    const certain = ({ gain }: (typeof probes)[number]): number => interval(gain.gains[edge] ?? { mean: 0, error: 0 }).low;
    return [...probes].sort((a, b) => certain(b) - certain(a))[0];
  });
  const short = edges.lastIndexOf(longLag);
  return {
    gains: edges.map((_, edge) => chosen[edge]?.gain.gains[edge] ?? { mean: 0, error: 0 }),
    probes: chosen.map((one) => one?.probe ?? 'additive'),
    short: Math.max(0, ...probes.map(({ gain }) => gain.whole.mean - (gain.gains[short]?.mean ?? 0))),
    weightByLag: chosen.map((one) => one?.gain.weightByLag ?? new Float64Array()),
  };
}
