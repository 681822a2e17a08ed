import type { Kernels } from '../kernels';
import type { EngineMemory } from '../memory';
import type { Pace } from '../pace';
import type { Program } from '../program';
import type { HelperStart } from './help';
import { slotOf, teamWord } from './memory';
import { TeamSize } from './teamSize';

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

/** How a team gets its helpers. */
export interface TeamOptions {
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
  /** Whether the leader works alone where that is faster: see `TeamSize`. */
  readonly sharing: 'adaptive' | 'always';
}

/** Operations from which work is worth the waking of helpers: of a training step (or an evaluation), and of one instruction. */
export interface Worth {
  readonly step: number;
  readonly job: number;
  /** Of all steps that are worth helpers, from which they are started. */
  readonly start: number;
}

/**
 * Where sharing begins to pay: a step that a prototype found worth two threads, and an instruction well above the
 * microsecond or so that sharing costs. Starting a thread takes the leader several milliseconds: the first step of a
 * small network comes before.
 */
export const usualWorth: Worth = { step: 5e6, job: 2e5, start: 2e7 };

/** What `runStretch` gives: there is more to do (0), all is done (1), or a helper has died. */
const [paused, lostHelper] = [0, 2];

/**
 * The threads that share an engine's work. The leader, who calls, is member 0; the helpers walk the same programs on
 * the same memory. Shares are fixed, and no sum is ever split between members, so that results have the same bits
 * for any number of them. So helpers are started once there is work that is worth it, and take part from the step
 * after they are ready: nobody waits for them.
 */
export class Team {
  readonly kernels: Kernels;
  readonly #memory: EngineMemory;
  /** Where its words and slots lie. */
  readonly #address: number;
  readonly #options: TeamOptions | undefined;
  readonly #helpers: Helper[] = [];
  /** By kind of work, whose speeds cannot be compared; and of the piece under way. */
  readonly #sizes = new Map<string, TeamSize>();
  #size = new TeamSize();
  #members = 1;
  /** Operations of all pieces of work that were worth helpers, until these are started. */
  #begun = 0;
  /** Of the piece of work under way: its operations, the milliseconds that it has run, and `slept` when it began. */
  #operations = 0;
  #milliseconds = 0;
  #slept = 0;
  #broken = false;

  /** There is room for `teamBytes` at `address`, all 0; without `options` the leader is alone. */
  constructor(kernels: Kernels, memory: EngineMemory, address: number, options: TeamOptions | undefined) {
    this.kernels = kernels;
    this.#memory = memory;
    this.#address = address;
    this.#options = options;
    this.#setMembers(1);
    if (!options) return;
    memory.i32[(address + teamWord.turns) / 4] = options.turns;
    memory.f64[(address + teamWord.worth) / 8] = options.worth.job;
    new BigInt64Array(memory.memory.buffer)[(address + teamWord.patience) / 8] = BigInt(Math.round(options.patience * 1e6));
  }

  /** Threads of the work under way. */
  get members(): number {
    return this.#members;
  }

  /** A piece of work of this kind and about so many operations begins: decides who takes part. Throws when a helper has died. */
  begin(kind: string, operations: number): void {
    this.#judge();
    this.#setMembers(1);
    this.#size = this.#sizes.get(kind) ?? new TeamSize();
    this.#sizes.set(kind, this.#size);
    if (!this.#options || operations < this.#options.worth.step) return;
    if (this.#broken) throw lost();
    if (this.#helpers.length === 0) {
      this.#begun += operations;
      if (this.#begun < this.#options.worth.start) return;
      this.#spawn(this.#options);
    }
    let members = 1;
    while (members < this.#options.threads && this.#isReady(members)) members++;
    if (members === 1) return;
    this.#operations = operations;
    if (this.#options.sharing === 'always' || this.#size.next === 'together') this.#setMembers(members);
  }

  /** Learns from the piece of work that has ended, when more than the leader could have done it. */
  #judge(): void {
    if (!this.#options) return;
    const slept = this.#memory.i32[(this.#address + teamWord.slept) / 4] ?? 0;
    if (this.#milliseconds > 0 && this.#operations > 0) this.#size.measured(this.#members > 1 ? 'together' : 'alone', this.#operations, this.#milliseconds, slept - this.#slept);
    this.#slept = slept;
    this.#operations = 0;
    this.#milliseconds = 0;
  }

  /** Does a program together; asks `pace` between stretches or, without, never. Throws when a helper has died. */
  run({ start, end }: Program, pace?: Pace): void {
    const { i32, f64 } = this.#memory;
    const at = this.#address;
    i32[(at + teamWord.next) / 4] = start;
    i32[(at + teamWord.piece) / 4] = 0;
    i32[(at + teamWord.end) / 4] = end;
    const started = this.#options ? performance.now() : 0;
    let outcome = paused;
    do {
      const most = pace ? pace.left * this.#members : Infinity;
      f64[(at + teamWord.left) / 8] = most;
      outcome = this.kernels.runStretch(at);
      if (outcome === lostHelper) throw this.#lost();
      pace?.spend((most - (f64[(at + teamWord.left) / 8] ?? 0)) / this.#members);
    } while (outcome === paused);
    if (this.#options) this.#milliseconds += performance.now() - started;
  }

  /** Ends the helpers. */
  dispose(): void {
    for (const helper of this.#helpers.splice(0)) helper.terminate();
    this.#setMembers(1);
    this.#broken = true;
  }

  #setMembers(members: number): void {
    this.#members = members;
    this.#memory.i32[(this.#address + teamWord.members) / 4] = members;
  }

  #isReady(member: number): boolean {
    return Atomics.load(this.#memory.i32, slotOf(this.#address, member) / 4) === 1;
  }

  #spawn({ threads, spawn, module, memory }: TeamOptions): void {
    for (let member = 1; member < threads; member++) {
      // One that dies before it was ready is not missed: the others do its part.
      this.#helpers.push(spawn({ module, memory, team: this.#address, member }, () => (this.#broken ||= this.#isReady(member))));
    }
  }

  #lost(): Error {
    this.#broken = true;
    return lost();
  }
}

function lost(): Error {
  return new Error('A thread of the engine has ended or did not answer. Resume the run from its last checkpoint; with "threads": 1 it needs no other.');
}
