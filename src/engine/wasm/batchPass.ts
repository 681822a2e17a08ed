import type { Batch } from '../engine';
import type { ProcessingOrder } from '../order';
import { backpropagate } from './backward';
import { runLayers } from './forward';
import { Head } from './head';
import { skipRows, type Panels } from './memory';
import type { Model } from './model';
import type { Operations } from './operations';
import { planFor, type Plan } from './plan';
import type { Program } from './program';
import type { WasmState } from './state';
import { modelOperations } from './work';

/** What is done with batches, and of which shape. */
export interface PassKind {
  /** `nothing`: the caller does it (traces). */
  readonly work: 'train' | 'evaluate' | 'predict' | 'nothing';
  readonly purpose: Plan['purpose'];
  /** Where its buffers begin. */
  readonly at: number;
  readonly steps: number;
  readonly sequences: number;
  readonly lengths: 'masked' | 'whole';
  readonly start: 'zeros' | 'given';
}

/** One part of a layer's state, and where it stands before the first timestep and after the last. */
interface StatePlace {
  readonly layer: number;
  readonly part: 'h' | 'c';
  readonly before: Panels;
  readonly after: Panels;
}

/**
 * The way of batches of one kind through a network: their buffers and the program that works on them, which is written
 * once, so that a step only writes its numbers and has the program done.
 */
export class BatchPass {
  readonly kind: PassKind;
  readonly plan: Plan;
  readonly head: Head;
  /** About how many floating-point operations it takes. */
  readonly operations: number;
  readonly #operations: Operations;
  readonly #model: Model;
  readonly #program: Program;
  readonly #states: readonly StatePlace[];

  /** Throws a RangeError when memory does not suffice. */
  constructor(operations: Operations, model: Model, kind: PassKind, order: ProcessingOrder) {
    const { memory } = operations;
    this.kind = kind;
    this.#operations = operations;
    this.#model = model;
    this.operations = modelOperations(model, kind.steps * kind.sequences, kind.purpose);
    const plan = (this.plan = planFor(model, memory, kind.at, kind.steps, kind.sequences, kind.purpose));
    this.head = new Head(operations, model, plan);
    this.#program = operations.record(plan.end, () => this.#write(order));
    this.#states = plan.layers.flatMap(({ directions: [forward] }, layer): StatePlace[] => {
      const place = (part: 'h' | 'c', states: Panels | undefined): StatePlace[] => (states ? [{ layer, part, before: states, after: skipRows(states, plan.rows) }] : []);
      return forward ? [...place('h', forward.states), ...place('c', forward.cellStates)] : [];
    });
  }

  /** Writes a batch's inputs, and the states that it starts from. */
  read({ inputs, lengths }: Batch, state: WasmState | undefined): void {
    const { memory, words } = this.#operations;
    const { i32, f64 } = memory;
    if (lengths) i32.set(lengths, this.plan.lengths / 4);
    words.beginReading();
    if (this.#model.input.kind === 'tokens') i32.set(inputs, this.plan.tokens / 4);
    else f64.set(inputs, this.plan.values / 8);
    if (!state) return;
    for (let i = 0; i < this.#states.length; i++) {
      const place = this.#states[i];
      if (place) state.load(memory, place.layer, place.part, place.before);
    }
  }

  /** Does the work on what has been read. */
  run(): void {
    this.#operations.run(this.#program);
  }

  /** Takes the states after the last timestep over. A sequence that has ended kept its state to the end. */
  carry(state: WasmState): void {
    for (let i = 0; i < this.#states.length; i++) {
      const place = this.#states[i];
      if (place) state.store(this.#operations.memory, place.layer, place.part, place.after);
    }
  }

  #write(order: ProcessingOrder): void {
    const { work, lengths, start } = this.kind;
    if (work === 'nothing') return;
    const [operations, model, plan, head] = [this.#operations, this.#model, this.plan, this.head];
    const dropout = work === 'train' ? 'dropout' : 'no-dropout';
    runLayers(operations, model, plan, { start, lengths, dropout, order });
    if (work === 'predict') head.logits(head.read('whole'), 0, plan.sequences);
    if (work === 'evaluate') head.evaluate(lengths);
    if (!plan.backward || work !== 'train') return;
    head.train(lengths, plan.backward.adjoints[0]);
    backpropagate(operations, model, plan, plan.backward, { lengths, dropout });
  }
}
