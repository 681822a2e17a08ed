import { estimateOf } from '../estimate';
import type { Estimate } from '../../shared/diagnosis';
import { cholesky, solveBackward, solveForward, type Cholesky } from './cholesky';
import { answerRow, columnsWithin, crossGram, gram, type Features } from './features';

/** Rows of answers, the sequences they are from, and which part of a probe's data each sequence is. */
export interface ProbeRows {
  /** Sequence of each row. */
  readonly sequence: Int32Array;
  readonly training: Int32Array;
  /** Chooses how much a probe is shrunk, and how far back it looks. */
  readonly validation: Int32Array;
  /** Judges it. */
  readonly test: Int32Array;
}

/** What is to be explained: residuals [rows,width]. */
export interface Residual {
  readonly values: Float64Array;
  readonly width: number;
  /** Mean square of what the best constant answer leaves, summed over `width`: gains are shares of it. */
  readonly chance: number;
}

/** What a probe found. */
export interface ProbeGain {
  /** For each edge: how much the lags above it are worth on test sequences, as a share of `chance`. */
  readonly gains: readonly Estimate[];
  /** For each edge: how much the lags up to it are worth over a constant. */
  readonly upTo: readonly Estimate[];
  /** What all lags together are worth over a constant. */
  readonly whole: Estimate;
  /** What the whole probe leaves of the residual, all rows. */
  readonly left: Residual;
  /** For each edge: the weight of each lag, 0 … longest, where `gains` is looked at: of an additive probe Σ (weight² · mean square of its column). */
  readonly weightByLag: readonly Float64Array[];
}

/** Ridge penalties that are tried, as shares of the mean square of the columns. */
const penalties = [0.003, 0.03, 0.3];

interface Fit {
  readonly weights: Float64Array;
  readonly loss: number;
}

/**
 * Ridge regressions on features: of the lags up to each of some edges, and of all lags. All of them share a Gram matrix
 * and its Cholesky factors, whose leading blocks are those of fewer lags; so do all residuals that are explained.
 */
export class RidgeProbe {
  readonly #factors: readonly Cholesky[];
  /** Mean square of each column, times the training rows. */
  readonly #squares: Float64Array;

  constructor(
    readonly features: Features,
    readonly rows: ProbeRows,
    readonly alive: () => void,
  ) {
    const size = features.lags.length;
    alive();
    const products = gram(features, rows.training);
    this.#squares = Float64Array.from({ length: size }, (_, i) => products[i * size + i] ?? 0);
    const scale = this.#squares.slice(1).reduce((sum, square) => sum + square, 0) / Math.max(1, size - 1);
    this.#factors = penalties.map((penalty) => {
      alive();
      const penalised = products.slice();
      for (let i = 0; i < size; i++) penalised[i * size + i] = (penalised[i * size + i] ?? 0) + (i === 0 ? 1e-9 : 1) * Math.max(penalty * scale, 1e-9 * rows.training.length);
      return cholesky(penalised, size);
    });
  }

  /**
   * What lags above each edge are worth. Penalty and, among the lags allowed, how many to read are chosen on validation
   * sequences, down to a constant: lags that do not help there gain exactly 0. Results stand in the order of `residuals`.
   */
  gains(residuals: readonly Residual[], edges: readonly number[]): ProbeGain[] {
    const together = joined(residuals);
    const sizes = [...edges.map((edge) => columnsWithin(this.features, edge)), this.features.lags.length];
    const right = crossGram(this.features, this.rows.training, together.values, together.width);
    // For each residual and number of columns the fit that is best on validation; the constant alone is always one.
    const best: Fit[][] = residuals.map(() => []);
    for (const factor of this.#factors) {
      const forward = solveForward(factor, right, together.width);
      [1, ...sizes].forEach((leading, place) => {
        this.alive();
        const weights = solveBackward(factor, forward, together.width, leading);
        const losses = squaredLosses(this.features, this.rows.validation, weights, together, residuals);
        residuals.forEach((_, index) => {
          const own = best[index];
          const known = own?.[place];
          const loss = losses[index] ?? Infinity;
          if (own && (!known || loss < known.loss)) own[place] = { weights: columnsOf(weights, together, index), loss };
        });
      });
    }
    return residuals.map((residual, index) => this.#gainOf(residual, best[index] ?? [], edges));
  }

  /** `found`: the best fits of a constant, of each edge, and of all lags. */
  #gainOf(residual: Residual, found: readonly Fit[], edges: readonly number[]): ProbeGain {
    let chosen: Fit | undefined;
    const fits = found.map((fit) => (chosen = chosen && chosen.loss <= fit.loss ? chosen : fit));
    const losses = new Map<Fit, ReadonlyMap<number, number>>();
    const lossesOf = (fit: Fit): ReadonlyMap<number, number> => {
      const known = losses.get(fit) ?? sequenceLosses(this.rows, residual, (row, answer) => answerRow(this.features, row, fit.weights, residual.width, answer));
      losses.set(fit, known);
      return known;
    };
    const [constant, whole] = [fits[0], fits.at(-1)];
    const gain = (from: Fit | undefined, to: Fit | undefined): Estimate => (!from || !to || from === to ? { mean: 0, error: 0 } : pairedGain(lossesOf(from), lossesOf(to), residual.chance));
    const weight = weightByLag(this.features, whole?.weights ?? new Float64Array(), residual.width, this.#squares);
    return {
      gains: edges.map((_, edge) => gain(fits[edge + 1], whole)),
      upTo: edges.map((_, edge) => gain(constant, fits[edge + 1])),
      whole: gain(constant, whole),
      left: leftOf(this.features, residual, whole?.weights ?? new Float64Array(residual.width)),
      weightByLag: edges.map(() => weight),
    };
  }
}

/** How much smaller one loss of each sequence is than another, as a share of chance. */
export function pairedGain(from: ReadonlyMap<number, number>, to: ReadonlyMap<number, number>, chance: number): Estimate {
  return estimateOf([...from].map(([sequence, loss]) => (loss - (to.get(sequence) ?? 0)) / chance));
}

/** All residuals side by side, [rows, Σ width]. */
function joined(residuals: readonly Residual[]): { readonly values: Float64Array; readonly width: number; readonly starts: readonly number[]; readonly widths: readonly number[] } {
  const widths = residuals.map(({ width }) => width);
  const starts = widths.map((_, index) => widths.slice(0, index).reduce((sum, one) => sum + one, 0));
  const width = widths.reduce((sum, one) => sum + one, 0);
  const count = (residuals[0]?.values.length ?? 0) / (widths[0] ?? 1);
  const values = new Float64Array(count * width);
  residuals.forEach((residual, index) => {
    for (let row = 0; row < count; row++) values.set(residual.values.subarray(row * residual.width, (row + 1) * residual.width), row * width + (starts[index] ?? 0));
  });
  return { values, width, starts, widths };
}

function columnsOf(weights: Float64Array, { width, starts, widths }: ReturnType<typeof joined>, index: number): Float64Array {
  const [start, own] = [starts[index] ?? 0, widths[index] ?? 0];
  const part = new Float64Array((weights.length / width) * own);
  for (let row = 0; row < weights.length / width; row++) part.set(weights.subarray(row * width + start, row * width + start + own), row * own);
  return part;
}

/** Mean squared error over these rows of each residual, summed over its columns. */
function squaredLosses(features: Features, rows: Int32Array, weights: Float64Array, together: ReturnType<typeof joined>, residuals: readonly Residual[]): number[] {
  const answer = new Float64Array(together.width);
  const sums = residuals.map(() => 0);
  for (const row of rows) {
    answerRow(features, row, weights, together.width, answer);
    residuals.forEach(({ width }, index) => {
      const start = together.starts[index] ?? 0;
      for (let k = start; k < start + width; k++) sums[index] = (sums[index] ?? 0) + ((together.values[row * together.width + k] ?? 0) - (answer[k] ?? 0)) ** 2;
    });
  }
  return sums.map((sum) => sum / Math.max(1, rows.length));
}

/** Mean squared error of each test sequence, summed over columns; `predict` writes what is answered to a row. */
export function sequenceLosses({ test, sequence }: ProbeRows, { values, width }: Residual, predict: (row: number, answer: Float64Array) => void): Map<number, number> {
  const answer = new Float64Array(width);
  const sums = new Map<number, { sum: number; count: number }>();
  for (const row of test) {
    predict(row, answer);
    let loss = 0;
    for (let k = 0; k < width; k++) loss += ((values[row * width + k] ?? 0) - (answer[k] ?? 0)) ** 2;
    const own = sums.get(sequence[row] ?? -1) ?? { sum: 0, count: 0 };
    sums.set(sequence[row] ?? -1, { sum: own.sum + loss, count: own.count + 1 });
  }
  return new Map([...sums].map(([place, { sum, count }]) => [place, sum / count]));
}

function leftOf(features: Features, { values, width, chance }: Residual, weights: Float64Array): Residual {
  const answer = new Float64Array(width);
  const left = new Float64Array(values.length);
  for (let row = 0; row < values.length / width; row++) {
    answerRow(features, row, weights, width, answer);
    for (let k = 0; k < width; k++) left[row * width + k] = (values[row * width + k] ?? 0) - (answer[k] ?? 0);
  }
  return { values: left, width, chance };
}

function weightByLag({ lags }: Features, weights: Float64Array, width: number, squares: Float64Array): Float64Array {
  const byLag = new Float64Array(Math.max(0, lags.at(-1) ?? 0) + 1);
  for (let column = 1; column < weights.length / width; column++) {
    const lag = lags[column] ?? 0;
    for (let k = 0; k < width; k++) byLag[lag] = (byLag[lag] ?? 0) + (weights[column * width + k] ?? 0) ** 2 * (squares[column] ?? 0);
  }
  return byLag;
}
