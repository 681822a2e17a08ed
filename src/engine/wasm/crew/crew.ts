import type { Kernels } from '../kernels';
import { membersWord, mostValues, patienceWord, turnsWord, slot, slotOf } from './memory';
import { kernelNames, type HelperStart } from './help';

/** A started helper. */
export interface Helper {
  /** Ends the thread at once. */
  terminate(): void;
}

/**
 * Starts a thread that runs `help` with `start`, and need not have started when this returns. `died` is called
 * when the thread ends by itself. Nothing waits for the thread when the program ends.
 */
export type SpawnHelper = (start: HelperStart, died: () => void) => Helper;

/** How a crew gets its helpers. */
export interface Hands {
  /** Threads in all, the leader among them. */
  readonly threads: number;
  readonly spawn: SpawnHelper;
  /** The kernels' module and the shared memory that they work in. */
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Milliseconds that the threads wait for one of them, which they do twice, before they give the work up. */
  readonly patience: number;
  /** How often they look before they sleep: some hundred thousand times, or hardly ever when they share processors. */
  readonly turns: number;
  readonly worth: Worth;
}

/** Operations from which work is worth the waking of helpers: of a training step (or an evaluation), and of one job. */
export interface Worth {
  readonly step: number;
  readonly job: number;
}

/** Where sharing begins to pay: a step that a prototype found worth two threads, and a job well above the microsecond or so that sharing costs. */
export const usualWorth: Worth = { step: 5e6, job: 2e5 };

/** What one member does of a job: calls exactly one kernel, or none. */
type Part = (kernels: Kernels, member: number, members: number) => void;

/** One share of a job, of pieces [from, to). */
export type Share = (kernels: Kernels, from: number, to: number, member: number) => void;

/**
 * The threads that share an engine's work. The leader, who calls, is member 0; the helpers run the same kernels on
 * the same memory. Shares are fixed, and no sum is ever split between members, so that results have the same bits
 * for any number of them. So helpers are started with the first work that is worth it, and take part from the step
 * after they are ready: nobody waits for them.
 */
export class Crew {
  readonly kernels: Kernels;
  /** Where its words and slots lie. */
  readonly address: number;
  readonly #hands: Hands | undefined;
  readonly #i32: Int32Array;
  readonly #f64: Float64Array;
  readonly #recorder: Kernels;
  readonly #helpers: Helper[] = [];
  #members = 1;
  #job = 0;
  #done = 0;
  /** Whose slot the recorder fills. */
  #recording = 0;
  #broken = false;

  /** `buffer` has room for `crewBytes` at `address`, all 0; without `hands` the leader is alone. */
  constructor(kernels: Kernels, buffer: ArrayBufferLike, address: number, hands: Hands | undefined) {
    this.kernels = kernels;
    this.address = address;
    this.#hands = hands;
    this.#i32 = new Int32Array(buffer);
    this.#f64 = new Float64Array(buffer);
    this.#recorder = Object.fromEntries(kernelNames(kernels).map((name, number) => [name, (...values: number[]) => this.#record(number, values)])) as unknown as Kernels;
    if (!hands) return;
    this.#i32[(address + turnsWord) / 4] = hands.turns;
    new BigInt64Array(buffer)[(address + patienceWord) / 8] = BigInt(Math.round(hands.patience * 1e6));
  }

  /** Threads of the work under way. */
  get members(): number {
    return this.#members;
  }

  /** An `Adjoints` of a member's own. */
  adjoints(member: number): number {
    return slotOf(this.address, member) + slot.adjoints;
  }

  /** A `Recurrence` of a member's own. */
  recurrence(member: number): number {
    return slotOf(this.address, member) + slot.recurrence;
  }

  /** A piece of work of about so many operations begins: decides who takes part. Throws when a helper has died. */
  begin(operations: number): void {
    this.#members = 1;
    if (!this.#hands || operations < this.#hands.worth.step) return;
    if (this.#broken) throw lost();
    if (this.#helpers.length === 0) this.#spawn(this.#hands);
    while (this.#members < this.#hands.threads && this.#isReady(this.#members)) this.#members++;
  }

  /** One job, in which each member has its part; returns when all have done theirs. Throws when a helper has died. */
  each(part: Part): void {
    const members = this.#members;
    let helpers = 0;
    if (members > 1) {
      this.#job = (this.#job + 1) | 0;
      for (let member = 1; member < members; member++) {
        this.#recording = member;
        part(this.#recorder, member, members);
        if (this.#i32[(slotOf(this.address, member) + slot.job) / 4] === this.#job) helpers++;
      }
      this.#i32[(this.address + membersWord) / 4] = helpers + 1;
      if (helpers > 0) this.kernels.postJob(this.address);
      else this.#job = (this.#job - 1) | 0;
    }
    part(this.kernels, 0, members);
    this.#done = (this.#done + helpers) | 0;
    if (helpers > 0 && this.kernels.awaitHelpers(this.address, this.#done) === 0) throw this.#lost();
  }

  /** Whether a job of so many operations is to be shared. */
  isWorth(operations: number): boolean {
    return this.#members > 1 && operations >= (this.#hands?.worth.job ?? Infinity);
  }

  /** Pieces [from, to), which cost so many operations together, in one share a member. */
  share(operations: number, from: number, to: number, run: Share): void {
    const pieces = to - from;
    if (pieces < 2 || !this.isWorth(operations)) {
      run(this.kernels, from, to, 0);
      return;
    }
    this.each((kernels, member, members) => {
      const first = from + Math.floor((pieces * member) / members);
      const last = from + Math.floor((pieces * (member + 1)) / members);
      if (last > first) run(kernels, first, last, member);
    });
  }

  /** What a kernel gives for each block [0, blocks), summed in their order. */
  sum(blocks: number, run: (kernels: Kernels, block: number) => number): number {
    const together = blocks > 1 ? this.#members : 1;
    let sum = 0;
    for (let first = 0; first < blocks; first += together) {
      if (together === 1) {
        sum += run(this.kernels, first);
        continue;
      }
      let own = 0;
      this.each((kernels, member) => {
        const value = first + member < blocks ? run(kernels, first + member) : 0;
        if (member === 0) own = value;
      });
      sum += own;
      for (let member = 1; member < Math.min(together, blocks - first); member++) sum += this.#f64[(slotOf(this.address, member) + slot.result) / 8] ?? 0;
    }
    return sum;
  }

  /** Ends the helpers. */
  dispose(): void {
    for (const helper of this.#helpers.splice(0)) helper.terminate();
    this.#members = 1;
    this.#broken = true;
  }

  #isReady(member: number): boolean {
    return Atomics.load(this.#i32, (slotOf(this.address, member) + slot.ready) / 4) === 1;
  }

  #spawn({ threads, spawn, module, memory }: Hands): void {
    for (let member = 1; member < threads; member++) {
      // One that dies before it was ready is not missed: the others do its part.
      this.#helpers.push(spawn({ module, memory, crew: this.address, member }, () => (this.#broken ||= this.#isReady(member))));
    }
  }

  /** Writes a call down that the helper whose turn it is will make. */
  #record(kernel: number, values: readonly number[]): number {
    const at = slotOf(this.address, this.#recording);
    if (values.length > mostValues) throw new RangeError(`a kernel with ${values.length} arguments cannot be shared`);
    this.#i32[(at + slot.job) / 4] = this.#job;
    this.#i32[(at + slot.kernel) / 4] = kernel;
    this.#f64.set(values, (at + slot.values) / 8);
    return 0;
  }

  #lost(): Error {
    this.#broken = true;
    return lost();
  }
}

function lost(): Error {
  return new Error('A thread of the engine has ended or did not answer. Resume the run from its last checkpoint; with "threads": 1 it needs no other.');
}
