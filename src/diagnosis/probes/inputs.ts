import type { Answers } from '../answers';
import type { HeldOut, HeldOutSequence } from '../heldOut';
import { FeatureRows, type Features } from './features';
import type { ProbeRows, Residual } from './ridge';

/** What a probe sees of one timestep's input: a few numbers. */
export interface InputView {
  /** How many. */
  readonly width: number;
  /** Hands each of them that is not 0 over, columns ascending. */
  see(sequence: HeldOutSequence, t: number, visit: (column: number, value: number) => void): void;
}

/** Columns of a probe at most: a Cholesky factor of 900 takes half a second. */
const mostColumns = 900;

/** Of a probe of chosen lags: its columns, or how few lags it has, and kinds of token at each. */
const [mostChosen, fewLags, mostKinds] = [300, 4, 32];

/**
 * A view of at most `width` numbers: tokens as 1 in the column of their kind (rare kinds are not seen), values as
 * they are and, where there is room, all products within the timestep, so that value × marker can be seen.
 */
export function viewOf({ sequences, features }: HeldOut, width: number): InputView {
  if (sequences[0]?.inputs instanceof Int32Array) return tokenView(sequences, width);
  const products = features + (features * (features + 1)) / 2 <= width;
  const shown = products ? features : Math.min(features, width);
  return {
    width: products ? features + (features * (features + 1)) / 2 : shown,
    see({ inputs }, t, visit) {
      const value = (j: number): number => inputs[t * features + j] ?? 0;
      for (let j = 0; j < shown; j++) visit(j, value(j));
      if (!products) return;
      let column = features;
      for (let i = 0; i < features; i++) for (let j = i; j < features; j++) visit(column++, value(i) * value(j));
    },
  };
}

function tokenView(sequences: readonly HeldOutSequence[], width: number): InputView {
  const counts = new Map<number, number>();
  for (const { inputs } of sequences) for (const token of inputs) counts.set(token, (counts.get(token) ?? 0) + 1);
  const kinds = [...counts].sort((a, b) => b[1] - a[1]).slice(0, width);
  const columns = new Map(kinds.map(([token], column) => [token, column]));
  return {
    width: kinds.length,
    see({ inputs }, t, visit) {
      const column = columns.get(inputs[t] ?? -1);
      if (column !== undefined) visit(column, 1);
    },
  };
}

/** Probe A, additive: every input at every lag has columns of its own. */
export function additiveFeatures(heldOut: HeldOut, answers: Answers): Features {
  const view = viewOf(heldOut, Math.max(1, Math.floor(mostColumns / heldOut.longest)));
  const longest = Math.min(heldOut.longest, Math.floor(mostColumns / view.width));
  const rows = new FeatureRows(Array.from({ length: longest * view.width }, (_, column) => Math.floor(column / view.width)));
  eachRow(heldOut, answers, (sequence, t) => {
    for (let lag = 0; lag < longest && lag <= t; lag++) view.see(sequence, t - lag, (column, value) => rows.put(lag * view.width + column, value));
    rows.endRow();
  });
  return rows.finish();
}

/**
 * Probe L, lags: all kinds of token, but only at the lags that stand out. Where there are many kinds, columns for all of
 * them at every lag would be more than the rows can tell apart; where there are few rows, a few lags are tried alone. A lag's score is Σ z² over kinds and columns of the
 * residual, z = Σ r x / √(Σ r² x²), on training rows.
 */
export function chosenLagFeatures(heldOut: HeldOut, answers: Answers, { training }: ProbeRows, { values, width }: Residual, choice: 'many' | 'few'): Features {
  const view = viewOf(heldOut, mostKinds);
  const size = heldOut.longest * view.width * width;
  const [sums, squares] = [new Float64Array(size), new Float64Array(size)];
  for (const row of training) {
    const sequence = heldOut.sequences[answers.sequence[row] ?? 0];
    const t = answers.timestep[row] ?? 0;
    for (let lag = 0; sequence && lag <= t; lag++) {
      view.see(sequence, t - lag, (column, value) => {
        for (let k = 0; k < width; k++) {
          const [at, product] = [(lag * view.width + column) * width + k, value * (values[row * width + k] as number)];
          sums[at] = (sums[at] as number) + product;
          squares[at] = (squares[at] as number) + product * product;
        }
      });
    }
  }
  const scores = Array.from({ length: heldOut.longest }, (_, lag) => {
    let score = 0;
    for (let i = lag * view.width * width; i < (lag + 1) * view.width * width; i++) if (squares[i] !== 0) score += (sums[i] ?? 0) ** 2 / (squares[i] ?? 1);
    return { lag, score };
  });
  const chosen = scores.sort((one, other) => other.score - one.score).slice(0, choice === 'few' ? fewLags : Math.max(1, Math.floor(mostChosen / view.width))).map(({ lag }) => lag).sort((one, other) => one - other);
  const rows = new FeatureRows(chosen.flatMap((lag) => new Array<number>(view.width).fill(lag)));
  eachRow(heldOut, answers, (sequence, t) => {
    chosen.forEach((lag, place) => {
      if (lag <= t) view.see(sequence, t - lag, (column, value) => rows.put(place * view.width + column, value));
    });
    rows.endRow();
  });
  return rows.finish();
}

/**
 * Probe B, bands: sums of the inputs over the lags between one edge and the next, which need less data where
 * something is spread over many lags. A band needs its oldest lag.
 */
export function bandFeatures(heldOut: HeldOut, answers: Answers, edges: readonly number[]): Features {
  const ends = [...edges, heldOut.longest - 1].filter((end, index, all) => index === 0 || end > (all[index - 1] ?? 0));
  const view = viewOf(heldOut, Math.max(1, Math.floor(mostColumns / 2 / ends.length)));
  const rows = new FeatureRows(ends.flatMap((end) => new Array<number>(view.width).fill(end)));
  const sums = new Float64Array(view.width);
  eachRow(heldOut, answers, (sequence, t) => {
    ends.forEach((end, band) => {
      sums.fill(0);
      const begin = band === 0 ? 0 : (ends[band - 1] ?? 0) + 1;
      for (let lag = begin; lag <= end && lag <= t; lag++) view.see(sequence, t - lag, (column, value) => (sums[column] = (sums[column] ?? 0) + value));
      const scale = 1 / Math.sqrt(end - begin + 1);
      sums.forEach((sum, column) => rows.put(band * view.width + column, sum * scale));
    });
    rows.endRow();
  });
  return rows.finish();
}

function eachRow({ sequences }: HeldOut, { sequence, timestep }: Answers, visit: (sequence: HeldOutSequence, t: number) => void): void {
  sequence.forEach((index, row) => {
    const own = sequences[index];
    if (own) visit(own, timestep[row] ?? 0);
  });
}
