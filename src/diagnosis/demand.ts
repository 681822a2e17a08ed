import type { Estimate } from '../shared/diagnosis';
import type { Answers } from './answers';
import { estimateOf, interval, zOf } from './estimate';
import type { HeldOut } from './heldOut';
import { cholesky, solveBackward, solveForward } from './probes/cholesky';
import { attentionGain } from './probes/attention';
import { answerRow, columnsWithin, crossGram, FeatureRows, gram, type Features } from './probes/features';
import { pairFeatures } from './probes/pairs';
import { RidgeProbe, type ProbeGain, type ProbeRows, type Residual } from './probes/ridge';
import { additiveFeatures, bandFeatures, chosenLagFeatures } from './probes/inputs';
import { thresholds } from './thresholds';

/** Which probe found something. */
export type ProbeName = 'additive' | 'lags' | 'few' | 'bands' | 'contexts' | 'pairs' | 'attention';

/** What inputs older than each edge are worth, to the probe that sees most in them. */
export interface Demand {
  /** By edge, as shares of the constant answer's loss. */
  readonly gains: readonly Estimate[];
  readonly probes: readonly ProbeName[];
  /** What lags up to `short` are worth, to the probe that gains most from them. */
  readonly short: Estimate;
  /** Weight of each lag in the best probe of each edge. */
  readonly weightByLag: readonly Float64Array[];
}

/** What the data hold, and what of it the model leaves unexplained. */
export interface Demands {
  /** In the residual of the best constant answer. */
  readonly data: Demand;
  /** In the residual of the model, its answers recalibrated linearly. */
  readonly missing: Demand;
  /** Share of the constant answer's loss that the probes explain with all lags. */
  readonly explained: Estimate;
  /** Share of the constant answer's loss that the recalibrated model explains, on test sequences. */
  readonly achieved: Estimate;
  /** The smallest dependency on one old input that would have been found, as a share; undefined where even the largest that was planted is not. */
  readonly sensitivity: number | undefined;
  /** Loss of the constant answer, summed over columns. */
  readonly chance: number;
}

/** Shares of the constant answer's loss that are planted to see what would be found. */
const planted = [0.02, 0.05, 0.1, 0.2, 0.35] as const;

/** The largest of them. */
export const largestPlanted = planted[4];

/**
 * Measures demand by probes with direct access to past inputs, on sequences that the model has not seen: 55 % train a
 * probe, 15 % choose its size, 30 % judge it. A probe on the model's residual alone would be fooled by a
 * net that is half trained, whose answers are functions of old inputs: both are measured, and what
 * is missing counts only where the data hold it. `contexts`: of a text, see `contextFeatures`.
 */
export function* measureDemand(heldOut: HeldOut, answers: Answers, edges: readonly number[], short: number, alive: () => void, contexts?: Features): Generator<ProbeName, Demands> {
  const rows = splitRows(answers);
  const data = residualOf(answers, constantAnswer(answers, rows), undefined);
  const model = residualOf(answers, recalibrated(answers, rows), data.chance);
  yield 'additive';
  const single = new RidgeProbe(additiveFeatures(heldOut, answers), rows, alive);
  const additive = single.gains([data, model], edges);
  yield 'lags';
  const chosen = (residual: Residual, choice: 'many' | 'few'): RidgeProbe => new RidgeProbe(chosenLagFeatures(heldOut, answers, rows, residual, choice), rows, alive);
  const [lags, few] = (['many', 'few'] as const).map((choice) => [data, model].map((residual) => chosen(residual, choice).gains([residual], edges)[0]));
  const sensitivity = sensitivityOf(single, data, short, (residual) => chosen(residual, 'few'));
  yield 'bands';
  const bands = new RidgeProbe(bandFeatures(heldOut, answers, edges), rows, alive).gains([data, model], edges);
  const texts = contexts ? new RidgeProbe(contexts, rows, alive).gains([data, model], edges) : [];
  yield 'pairs';
  // What sums explain is taken away first: a product with any old input would stand in for them.
  const pairs = additive.map(({ left }) => new RidgeProbe(pairFeatures(single.features, rows, left, alive), rows, alive).gains([left], edges)[0]);
  const found: Record<ProbeName, (ProbeGain | undefined)[]> = { additive, lags: lags ?? [], few: few ?? [], bands, contexts: texts, pairs, attention: [] };
  const of = (index: number): Demand => bestOf(edges, short, Object.entries(found).flatMap(([probe, gains]) => (gains[index] ? [{ probe: probe as ProbeName, gain: gains[index] }] : [])));
  if (!wanted(edges, of(0).gains, short)) {
    yield 'attention';
    const attention = attentionGain(heldOut, answers, rows, additive[0]?.left ?? data, edges, short, alive);
    if (attention && wanted(edges, attention.gains, short)) found.attention = [attention, attentionGain(heldOut, answers, rows, additive[1]?.left ?? model, edges, short, alive)];
  }
  const [sums, ...others] = [additive[0], found.pairs[0], found.lags[0], found.few[0], bands[0], texts[0], found.attention[0]].map((gain) => gain?.whole ?? { mean: 0, error: 0 });
  const [products, ...alone] = others;
  const explained = largest([added(sums, products), ...alone, added(sums, alone.at(-1))]);
  return { data: of(0), missing: of(1), explained, achieved: achievedShare(answers, rows, data, model), sensitivity, chance: data.chance };
}

/** What two probes explain of which the second had what the first left. */
function added(first: Estimate = { mean: 0, error: 0 }, second: Estimate = { mean: 0, error: 0 }): Estimate {
  return { mean: first.mean + second.mean, error: Math.hypot(first.error, second.error) };
}

/** The one that is largest for certain. */
function largest(estimates: readonly Estimate[]): Estimate {
  return estimates.reduce((best, own) => (interval(own).low > interval(best).low ? own : best), { mean: 0, error: 0 });
}

/** Whether inputs beyond short lags are worth something for certain. */
function wanted(edges: readonly number[], gains: readonly Estimate[], short: number): boolean {
  return edges.some((edge, place) => {
    const own = gains[place];
    return own !== undefined && edge >= short && zOf(own) >= thresholds.demandZ && own.mean >= thresholds.demandGain;
  });
}

/** Plants dependencies on single old inputs in what is to be explained, and tells how small they may be to be found all the same. */
function sensitivityOf(probe: RidgeProbe, { values, width, chance }: Residual, short: number, choosing: (residual: Residual) => RidgeProbe): number | undefined {
  const { features } = probe;
  const first = columnsWithin(features, short);
  const count = features.lags.length - first;
  if (count < 1) return undefined;
  const lengths = new Float64Array(values.length / width);
  // A column from the nearer and one from the farther of the old inputs.
  const columns = [0.25, 0.75].map((share) => first + Math.min(count - 1, Math.floor(share * count))).map((column) => columnOf(features, column, lengths.length));
  return planted.find((share) =>
    columns.every((column) => {
      const amount = Math.sqrt(share * chance);
      const mixed = { values: lengths.map((_, row) => (values[row * width] ?? 0) + amount * (column[row] ?? 0)), width: 1, chance };
      return [probe, choosing(mixed)].some((one) => wanted([short], one.gains([mixed], [short])[0]?.gains ?? [], short));
    }),
  );
}

/** A column of features with mean 0 and variance 1. */
function columnOf({ starts, columns, values }: Features, column: number, count: number): Float64Array {
  const own = new Float64Array(count);
  for (let row = 0; row < count; row++) for (let i = starts[row] ?? 0; i < (starts[row + 1] ?? 0); i++) if (columns[i] === column) own[row] = values[i] ?? 0;
  const { mean, error } = estimateOf(Array.from(own));
  const deviation = error * Math.sqrt(count);
  return own.map((value) => (deviation > 0 ? (value - mean) / deviation : 0));
}

/** Rows that choose the size of a probe, at most. */
const validatedRows = 1000;

/** Splits answers by sequence. */
function splitRows({ sequence }: Answers): ProbeRows {
  const part = (from: number, to: number): Int32Array =>
    Int32Array.from(Array.from(sequence.keys()).filter((row) => {
      // Neighbours in a text fall into different parts; all answers of a sequence into the same.
      const place = ((sequence[row] ?? 0) * 37) % 100;
      return place >= from && place < to;
    }));
  const validation = part(55, 70);
  const every = Math.ceil(validation.length / validatedRows);
  return { sequence, training: part(0, 55), validation: validation.filter((_, index) => index % every === 0), test: part(70, 100) };
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
function bestOf(edges: readonly number[], short: number, probes: readonly { readonly probe: ProbeName; readonly gain: ProbeGain }[]): Demand {
  const chosen = edges.map((_, edge) => {
    const certain = ({ gain }: (typeof probes)[number]): number => interval(gain.gains[edge] ?? { mean: 0, error: 0 }).low;
    return [...probes].sort((a, b) => certain(b) - certain(a))[0];
  });
  const place = edges.lastIndexOf(short);
  const shorts = probes.map(({ gain }) => gain.upTo.at(place) ?? { mean: 0, error: 0 });
  return {
    gains: edges.map((_, edge) => chosen[edge]?.gain.gains[edge] ?? { mean: 0, error: 0 }),
    probes: chosen.map((one) => one?.probe ?? 'additive'),
    short: largest(shorts),
    weightByLag: chosen.map((one, edge) => one?.gain.weightByLag[edge] ?? new Float64Array()),
  };
}
