import type { Engine } from '../engine/engine';
import type { Estimate } from '../shared/diagnosis';
import { mixedState, type AnswerReader, type Reading } from './answers';
import { estimateOf, scaled } from './estimate';
import { answerSteps, inputsAt, type HeldOut } from './heldOut';

/** Where a text or series is spliced, as shares of its length. */
const splices = [0.2, 0.45, 0.7];

/**
 * How much the loss rises when all inputs older than each edge are another sequence's (Khandelwal et al. 2018 measure
 * context so), by edge. What a network knows of older inputs is its state: so it reads on from the state
 * that another sequence left, and every input before is replaced at once.
 *
 * A reading spliced behind timestep s tells, at timestep t, about lags from t − s on. With one answer, at the end,
 * each edge has a splice of its own; else a few splices serve all edges that lie between one edge and the next.
 */
export class UseMeter {
  readonly #rises: number[][];

  constructor(
    readonly engine: Engine,
    readonly heldOut: HeldOut,
    readonly edges: readonly number[],
  ) {
    this.#rises = edges.map(() => []);
  }

  /** Measures on these sequences, which must be at least two. */
  measure(reading: Reading, reader: AnswerReader, alive: () => void): void {
    if (reading.sequences.length < 2) return;
    if (this.heldOut.answers === 'end') {
      this.edges.forEach((edge, place) => {
        // At the last timestep the lags 0 … edge are a sequence's own.
        this.#splice(reading, reader, (steps) => steps - 2 - edge, alive, (_, lags) => (lags === edge + 1 ? place : -1));
      });
    } else {
      for (const share of splices) this.#splice(reading, reader, (steps) => Math.floor(share * steps), alive, (_, lags) => this.#edgeOf(lags));
    }
  }

  /** Rises by edge, as shares of `chance`. */
  estimates(chance: number): Estimate[] {
    return this.#rises.map((rises) => (rises.length > 0 ? scaled(estimateOf(rises), 1 / chance) : { mean: 0, error: Infinity }));
  }

  /** The edge that an answer belongs to whose own lags are 0 … lags − 1; −1 for the very first. */
  #edgeOf(lags: number): number {
    let place = -1;
    for (const [index, edge] of this.edges.entries()) if (edge < lags) place = index;
    return place;
  }

  /** Reads on from another's state behind timestep `at`; `edge` tells which edge an answer with so many lags of its own belongs to. */
  #splice(reading: Reading, reader: AnswerReader, at: (steps: number) => number, alive: () => void, edge: (t: number, lags: number) => number): void {
    const { sequences, losses } = reading;
    const begins = sequences.map(({ steps }) => at(steps));
    // The neighbour's state at the same timestep, or its last one.
    const other = (b: number): number => (b + 1) % sequences.length;
    const state = mixedState(this.engine, reading, other, (b) => Math.min(begins[b] ?? 0, (sequences[other(b)]?.steps ?? 1) - 1));
    const furthest = sequences.reduce((most, { steps }, b) => Math.max(most, steps - 1 - (begins[b] ?? 0)), 0);
    const sums = sequences.map(() => new Map<number, { sum: number; count: number }>());
    const answers = sequences.map((sequence) => new Set(answerSteps(sequence)));
    for (let lags = 1; lags <= furthest; lags++) {
      alive();
      const logits = this.engine.predict(inputsAt(sequences, this.heldOut.features, (b) => (begins[b] ?? 0) + lags), state);
      sequences.forEach((sequence, b) => {
        const begin = begins[b] ?? 0;
        const t = begin + lags;
        if (begin < 0 || t >= sequence.steps || !answers[b]?.has(t)) return;
        const place = edge(t, lags);
        if (place < 0) return;
        const own = sums[b]?.get(place) ?? { sum: 0, count: 0 };
        sums[b]?.set(place, { sum: own.sum + reader.loss(logits, b, sequence, t) - (losses[b]?.[t] ?? 0), count: own.count + 1 });
      });
    }
    for (const own of sums) for (const [place, { sum, count }] of own) this.#rises[place]?.push(sum / count);
  }
}
