import { Random } from '../../shared/random';
import type { ProbeRows, Residual } from './ridge';

/** What a head reads. */
export interface Reader {
  /** Sequence and timestep of each row. */
  readonly sequence: Int32Array;
  readonly timestep: Int32Array;
  /** Code of each timestep of each sequence: what queries and keys are made of. */
  readonly codes: readonly Int32Array[];
  /** The numbers of each timestep of each sequence, sparse: what is passed on of a step. */
  readonly entries: readonly { readonly starts: Int32Array; readonly columns: Int32Array; readonly values: Float64Array }[];
  /** How many codes, and how many numbers. */
  readonly kinds: number;
  readonly width: number;
}

/** Where a fit begins: `match` attends to what stood behind earlier steps like the present one, `even` to all steps alike. */
export type Start = 'match' | 'even';

export interface HeadSettings {
  readonly start: Start;
  /** The largest lag that is read. */
  readonly most: number;
  /** Steps share a bias from one of these lags to the next. */
  readonly edges: readonly number[];
  readonly alive: () => void;
}

/** Passes over the training rows at most; Adam's rate and how many rows it is given at once; passes without gain that end it. */
const [passes, rate, together, patience] = [40, 0.05, 64, 8];

/** Steps that are read in all passes together, at most: about a second with a gradient of sixteen columns. */
const readingBudget = 5e6;

/** How strongly `match` begins. */
const matchStrength = 3;

/**
 * One attention head over the lags n = 0 … most of the step t that is to be answered, with codes c and numbers x:
 *
 *     sₙ = A[cₜ, cₜ₋ₙ] + B[cₜ, cₜ₋ₙ₋₁] + a[cₜ₋ₙ] + b[cₜ₋ₙ₋₁] + d[n],    answer = V Σₙ softmax(s)ₙ xₜ₋ₙ + v
 *
 * B looks one step further back, so that what stood behind a key is found by the key.
 */
export class AttentionHead {
  readonly #parameters: Float64Array;
  readonly #scores: Float64Array;
  readonly #pooled: Float64Array;
  readonly #band: Int32Array;
  /** Where A, B, a, b, d, V and v begin. */
  readonly #at: readonly [number, number, number, number, number, number, number];
  validationLoss = Infinity;

  private constructor(
    readonly reader: Reader,
    readonly outputs: number,
    readonly start: Start,
    readonly most: number,
    edges: readonly number[],
  ) {
    const { kinds, width } = reader;
    const sizes = [kinds * kinds, kinds * (kinds + 1), kinds, kinds + 1, edges.length + 1, outputs * width, outputs];
    let size = 0;
    const at = sizes.map((own) => (size += own) - own);
    this.#at = [at[0] ?? 0, at[1] ?? 0, at[2] ?? 0, at[3] ?? 0, at[4] ?? 0, at[5] ?? 0, at[6] ?? 0];
    this.#parameters = new Float64Array(size);
    this.#scores = new Float64Array(most + 1);
    this.#pooled = new Float64Array(width);
    this.#band = Int32Array.from({ length: most + 1 }, (_, lag) => edges.filter((edge) => edge < lag).length);
    if (start === 'match') for (let kind = 0; kind < kinds; kind++) this.#parameters[this.#at[1] + kind * (kinds + 1) + kind] = matchStrength;
  }

  /** Fits a head to a residual by Adam, and keeps what did best on validation rows. */
  static fit(reader: Reader, rows: ProbeRows, residual: Residual, { start, most, edges, alive }: HeadSettings): AttentionHead {
    const head = new AttentionHead(reader, residual.width, start, most, edges);
    const random = Random.fromSeed(1);
    const order = Int32Array.from(rows.training);
    const reads = order.reduce((sum, row) => sum + Math.min(most, reader.timestep[row] ?? 0) + 1, 0);
    const size = head.#parameters.length;
    const [gradient, first, second, best] = [new Float64Array(size), new Float64Array(size), new Float64Array(size), head.#parameters.slice()];
    const unit = 1 / Math.sqrt(residual.chance);
    let [updates, idle] = [0, 0];
    head.validationLoss = head.#loss(rows.validation, residual);
    for (let pass = 0; pass < Math.max(4, Math.min(passes, readingBudget / Math.max(1, reads))) && idle < patience; pass++) {
      shuffle(order, random);
      for (let begin = 0; begin < order.length; begin += together) {
        alive();
        gradient.fill(0);
        const some = order.subarray(begin, begin + together);
        for (const row of some) head.#addGradient(row, residual, unit / some.length, gradient);
        updates++;
        const [one, two] = [1 - 0.9 ** updates, 1 - 0.99 ** updates];
        for (let i = 0; i < size; i++) {
          const g = gradient[i] as number;
          first[i] = 0.9 * (first[i] as number) + 0.1 * g;
          second[i] = 0.99 * (second[i] as number) + 0.01 * g * g;
          head.#parameters[i] = (head.#parameters[i] as number) - (rate * (first[i] as number)) / one / (Math.sqrt((second[i] as number) / two) + 1e-8);
        }
      }
      const loss = head.#loss(rows.validation, residual);
      idle++;
      if (loss < head.validationLoss) {
        [head.validationLoss, idle] = [loss, 0];
        best.set(head.#parameters);
      }
    }
    head.#parameters.set(best);
    return head;
  }

  /** Writes what is answered to a row, in the unit of the residual. */
  answer(row: number, answer: Float64Array): void {
    this.#attend(row);
    const { width } = this.reader;
    for (let k = 0; k < this.outputs; k++) {
      let sum = this.#parameters[this.#at[6] + k] as number;
      for (let j = 0; j < width; j++) sum += (this.#parameters[this.#at[5] + k * width + j] as number) * (this.#pooled[j] as number);
      answer[k] = sum;
    }
  }

  /** Mean attention to each lag. */
  attentionByLag(rows: Int32Array): Float64Array {
    const sums = new Float64Array(this.most + 1);
    for (const row of rows) {
      const lags = this.#attend(row);
      for (let lag = 0; lag < lags; lag++) sums[lag] = (sums[lag] as number) + (this.#scores[lag] as number) / rows.length;
    }
    return sums;
  }

  /** Attention of a row into `#scores`, what it gathers into `#pooled`; gives how many lags there are. */
  #attend(row: number): number {
    const { kinds } = this.reader;
    const [sequence, t] = [this.reader.sequence[row] as number, this.reader.timestep[row] as number];
    const codes = this.reader.codes[sequence] as Int32Array;
    const parameters = this.#parameters;
    const [a, b, c, d, e] = this.#at;
    const lags = Math.min(this.most, t) + 1;
    const query = codes[t] as number;
    let highest = -Infinity;
    for (let lag = 0; lag < lags; lag++) {
      const key = codes[t - lag] as number;
      const before = t > lag ? (codes[t - lag - 1] as number) : kinds;
      const score = (parameters[a + query * kinds + key] as number) + (parameters[b + query * (kinds + 1) + before] as number) + (parameters[c + key] as number) + (parameters[d + before] as number) + (parameters[e + (this.#band[lag] as number)] as number);
      this.#scores[lag] = score;
      if (score > highest) highest = score;
    }
    let sum = 0;
    for (let lag = 0; lag < lags; lag++) sum += this.#scores[lag] = Math.exp((this.#scores[lag] as number) - highest);
    this.#pooled.fill(0);
    const { starts, columns, values } = this.reader.entries[sequence] as Reader['entries'][number];
    for (let lag = 0; lag < lags; lag++) {
      const share = (this.#scores[lag] as number) / sum;
      this.#scores[lag] = share;
      for (let i = starts[t - lag] as number; i < (starts[t - lag + 1] as number); i++) this.#pooled[columns[i] as number] = (this.#pooled[columns[i] as number] as number) + share * (values[i] as number);
    }
    return lags;
  }

  /** Adds scale · ∂(½‖answer − residual‖²) of one row. */
  #addGradient(row: number, residual: Residual, scale: number, gradient: Float64Array): void {
    const { kinds, width } = this.reader;
    const answer = new Float64Array(this.outputs);
    this.answer(row, answer);
    const lags = Math.min(this.most, this.reader.timestep[row] as number) + 1;
    const [sequence, t] = [this.reader.sequence[row] as number, this.reader.timestep[row] as number];
    const codes = this.reader.codes[sequence] as Int32Array;
    const { starts, columns, values } = this.reader.entries[sequence] as Reader['entries'][number];
    const [a, b, c, d, e, f, g] = this.#at;
    // 1. The answer: error, V, v, and the gradient of what the head passed on.
    const pooledGradient = new Float64Array(width);
    for (let k = 0; k < this.outputs; k++) {
      const error = scale * ((answer[k] as number) - (residual.values[row * this.outputs + k] as number));
      gradient[g + k] = (gradient[g + k] as number) + error;
      for (let j = 0; j < width; j++) {
        const place = f + k * width + j;
        gradient[place] = (gradient[place] as number) + error * (this.#pooled[j] as number);
        pooledGradient[j] = (pooledGradient[j] as number) + error * (this.#parameters[place] as number);
      }
    }
    // 2. The softmax: ∂sₙ = αₙ (gₙ − Σₘ αₘ gₘ) with gₙ = ∂pooled · valueₙ.
    let mean = 0;
    for (let j = 0; j < width; j++) mean += (pooledGradient[j] as number) * (this.#pooled[j] as number);
    const query = codes[t] as number;
    for (let lag = 0; lag < lags; lag++) {
      let own = 0;
      for (let i = starts[t - lag] as number; i < (starts[t - lag + 1] as number); i++) own += (pooledGradient[columns[i] as number] as number) * (values[i] as number);
      const change = (this.#scores[lag] as number) * (own - mean);
      const key = codes[t - lag] as number;
      const before = t > lag ? (codes[t - lag - 1] as number) : kinds;
      add(gradient, a + query * kinds + key, change);
      add(gradient, b + query * (kinds + 1) + before, change);
      add(gradient, c + key, change);
      add(gradient, d + before, change);
      add(gradient, e + (this.#band[lag] as number), change);
    }
  }

  /** Mean squared error, summed over columns. */
  #loss(rows: Int32Array, { values }: Residual): number {
    const answer = new Float64Array(this.outputs);
    let sum = 0;
    for (const row of rows) {
      this.answer(row, answer);
      for (let k = 0; k < this.outputs; k++) sum += ((values[row * this.outputs + k] ?? 0) - (answer[k] as number)) ** 2;
    }
    return sum / Math.max(1, rows.length);
  }
}

function add(sums: Float64Array, place: number, value: number): void {
  sums[place] = (sums[place] as number) + value;
}

/** Fisher and Yates. */
function shuffle(order: Int32Array, random: Random): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
}
