import { Arena, type EngineMemory } from './memory';
import { weightBytes, type Weight } from './operations';
import { ParameterStore } from './parameterStore';

/** A parameter and its gradient. */
export interface Trained<T> {
  readonly value: T;
  readonly gradient: T;
}

/** What can be used once all parameters are known. */
interface Placing {
  readonly memory: EngineMemory;
  readonly arena: Arena;
}

/**
 * Lays parameters out in memory. Addresses are known only when all parameters are: what is handed out here
 * has offsets first, and is completed in place by `finish`.
 */
export class Layout {
  readonly store: ParameterStore;
  readonly #placing: Placing;
  readonly #later: ((placing: Placing) => void)[] = [];

  constructor(memory: EngineMemory, start: number) {
    this.store = new ParameterStore(memory);
    this.#placing = { memory, arena: new Arena(start) };
  }

  /** A weight that the store has at this offset. */
  weight(offset: number, kPanels: number, nPanels: number): Trained<Weight> {
    const trained = { value: { address: offset, kPanels, nPanels }, gradient: { address: offset, kPanels, nPanels } };
    this.later(() => {
      trained.value.address += this.store.start('parameters');
      trained.gradient.address += this.store.start('gradients');
    });
    return trained;
  }

  vector(offset: number): Trained<number> {
    const trained = { value: offset, gradient: offset };
    this.later(() => {
      trained.value += this.store.start('parameters');
      trained.gradient += this.store.start('gradients');
    });
    return trained;
  }

  /** Room for a weight that is computed from parameters. */
  derived(kPanels: number, nPanels: number): Weight {
    const made = { address: 0, kPanels, nPanels };
    this.later(({ arena }) => (made.address = arena.take(weightBytes(kPanels, nPanels))));
    return made;
  }

  later(complete: (placing: Placing) => void): void {
    this.#later.push(complete);
  }

  /** Completes everything and gives the first address behind it. Throws a RangeError when memory does not suffice. */
  finish(): number {
    const { arena, memory } = this.#placing;
    for (const region of ['parameters', 'gradients'] as const) this.store.place(region, arena);
    for (const complete of this.#later) complete(this.#placing);
    memory.reserve(arena.end);
    return arena.end;
  }
}
