import type { Engine, RecurrentState } from '../engine/engine';
import type { Tensors } from '../shared/tensor';
import { answerSteps, inputsAt, type HeldOut, type HeldOutSequence } from './heldOut';

/** Answers of the model as the probes see them: few columns, whatever the number of classes. */
export interface Answers {
  /** Sequence and timestep of each row. */
  readonly sequence: Int32Array;
  readonly timestep: Int32Array;
  /** Columns. */
  readonly width: number;
  /** What is right [rows,width]: values, or 1 in the column of the right group of classes. */
  readonly right: Float64Array;
  /** What the model answers [rows,width]: values, or probabilities of the groups. */
  readonly given: Float64Array;
  /** Whether every answer, of all timesteps, was a finite number. */
  readonly finite: boolean;
}

/** Groups of classes: the most frequent ones alone, the rest together. */
export interface Groups {
  readonly count: number;
  /** Group of each class. */
  readonly of: Int32Array;
}

/** Columns of answers at most. */
const mostColumns = 16;

/** Rows of answers that are wanted in all, and the least that are taken from each sequence: neighbours tell little new. Tokens make sparse rows, which cost less. */
const [wantedRows, wantedTokenRows, leastRows] = [4000, 7000, 12];

/** Groups the classes by how often they are right. */
export function groupsOf({ sequences, outputs, loss }: HeldOut): Groups {
  if (loss === 'values') return { count: outputs, of: Int32Array.from({ length: outputs }, (_, k) => k) };
  const counts = new Int32Array(outputs);
  for (const { targets } of sequences) for (const target of targets) if (target >= 0) counts[target] = (counts[target] ?? 0) + 1;
  const order = Array.from(counts.keys()).sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0));
  const count = Math.min(outputs, mostColumns);
  const of = new Int32Array(outputs).fill(count - 1);
  order.slice(0, count).forEach((kind, place) => (of[kind] = place));
  return { count, of };
}

/** Sequences that go through the network together, with their states after every timestep. */
export interface Reading {
  readonly sequences: readonly HeldOutSequence[];
  /** After reading timestep t, by t. */
  readonly states: readonly Tensors[];
  /** Loss of each sequence [b] at each of its timesteps; NaN where it has no answer. Brier score, or squared error. */
  readonly losses: readonly Float64Array[];
}

/** Logits of one timestep, row-major [B,outputs], into what was answered. */
export interface AnswerReader {
  /** Squared error (summed over outputs), or Brier score, of sequence b's answer; NaN without a right one. */
  loss(logits: Float64Array, b: number, sequence: HeldOutSequence, t: number): number;
  /** Grouped columns of sequence b's answer. */
  columns(logits: Float64Array, b: number): Float64Array;
}

export function answerReader({ outputs, loss }: Pick<HeldOut, 'outputs' | 'loss'>, groups: Groups): AnswerReader {
  const probabilities = new Float64Array(outputs);
  const softmax = (logits: Float64Array, b: number): Float64Array => {
    const row = logits.subarray(b * outputs, (b + 1) * outputs);
    let largest = -Infinity;
    for (const value of row) largest = Math.max(largest, value);
    let sum = 0;
    for (let k = 0; k < outputs; k++) sum += probabilities[k] = Math.exp((row[k] ?? 0) - largest);
    for (let k = 0; k < outputs; k++) probabilities[k] = (probabilities[k] ?? 0) / sum;
    return probabilities;
  };
  return {
    loss(logits, b, { targets }, t) {
      if (loss === 'values') {
        let sum = 0;
        for (let k = 0; k < outputs; k++) sum += ((targets[t * outputs + k] ?? NaN) - (logits[b * outputs + k] ?? NaN)) ** 2;
        return sum;
      }
      const target = targets[t] ?? -1;
      if (target < 0) return NaN;
      let sum = 1;
      for (const p of softmax(logits, b)) sum += p * p;
      return sum - 2 * (probabilities[target] ?? 0);
    },
    columns(logits, b) {
      const columns = new Float64Array(groups.count);
      const given = loss === 'values' ? logits.subarray(b * outputs, (b + 1) * outputs) : softmax(logits, b);
      for (let k = 0; k < outputs; k++) columns[groups.of[k] ?? 0] = (columns[groups.of[k] ?? 0] ?? 0) + (given[k] ?? 0);
      return columns;
    },
  };
}

/** Collects what the model answers at some timesteps of each sequence. */
export class AnswerRows {
  readonly #sequence: number[] = [];
  readonly #timestep: number[] = [];
  readonly #right: number[] = [];
  readonly #given: number[] = [];
  #finite = true;

  constructor(
    readonly heldOut: HeldOut,
    readonly groups: Groups,
  ) {}

  /** Timesteps of a sequence that are kept: its last ones have the longest past, but all are represented. */
  chosen(sequence: HeldOutSequence): Set<number> {
    const steps = answerSteps(sequence).filter((t) => t >= this.heldOut.warmUp);
    const wanted = sequence.inputs instanceof Int32Array ? wantedTokenRows : wantedRows;
    const count = Math.min(steps.length, Math.max(leastRows, Math.floor(wanted / this.heldOut.sequences.length)));
    return new Set(Array.from({ length: count }, (_, i) => steps[Math.floor(((i + 1) * steps.length) / count) - 1] ?? -1));
  }

  add(index: number, sequence: HeldOutSequence, t: number, given: Float64Array): void {
    this.#sequence.push(index);
    this.#timestep.push(t);
    this.#given.push(...given);
    const { outputs, loss } = this.heldOut;
    if (loss === 'values') this.#right.push(...sequence.targets.subarray(t * outputs, (t + 1) * outputs));
    else for (let k = 0; k < this.groups.count; k++) this.#right.push(this.groups.of[sequence.targets[t] ?? 0] === k ? 1 : 0);
  }

  notFinite(): void {
    this.#finite = false;
  }

  finish(): Answers {
    return {
      sequence: Int32Array.from(this.#sequence),
      timestep: Int32Array.from(this.#timestep),
      width: this.groups.count,
      right: Float64Array.from(this.#right),
      given: Float64Array.from(this.#given, (value) => (Number.isFinite(value) ? value : 0)),
      finite: this.#finite,
    };
  }
}

/** Reads sequences side by side, timestep by timestep, and keeps all states. `first`: number of the first of them. */
export function readSequences(engine: Engine, sequences: readonly HeldOutSequence[], first: number, reader: AnswerReader, rows: AnswerRows, alive: () => void): Reading {
  const { features } = rows.heldOut;
  const state = engine.createState(sequences.length);
  const losses = sequences.map(({ steps }) => new Float64Array(steps).fill(NaN));
  const chosen = sequences.map((sequence) => rows.chosen(sequence));
  const states: Tensors[] = [];
  const longest = sequences.reduce((most, { steps }) => Math.max(most, steps), 0);
  for (let t = 0; t < longest; t++) {
    alive();
    const logits = engine.predict(inputsAt(sequences, features, () => t), state);
    states.push(state.save());
    sequences.forEach((sequence, b) => {
      if (t >= sequence.steps) return;
      const loss = reader.loss(logits, b, sequence, t);
      (losses[b] ?? new Float64Array())[t] = loss;
      if (!chosen[b]?.has(t)) return;
      if (!Number.isFinite(loss)) rows.notFinite();
      rows.add(first + b, sequence, t, reader.columns(logits, b));
    });
  }
  return { sequences, states, losses };
}

/** A state whose row b is row `from(b)` of the state after timestep `at(b)`; −1 stands for the state before everything. */
export function mixedState(engine: Engine, { states, sequences }: Reading, from: (b: number) => number, at: (b: number) => number): RecurrentState {
  const state = engine.createState(sequences.length);
  const mixed: Tensors = new Map();
  for (const [name, tensor] of state.save()) {
    const width = tensor.shape[1] ?? 0;
    const data = new Float32Array(sequences.length * width);
    sequences.forEach((_, b) => {
      const t = at(b);
      const source = t < 0 ? undefined : states[t]?.get(name)?.data;
      for (let u = 0; source && u < width; u++) data[b * width + u] = Number(source[from(b) * width + u]);
    });
    mixed.set(name, { ...tensor, dtype: 'F32', data });
  }
  state.restore(mixed);
  return state;
}
