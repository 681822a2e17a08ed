import { setTimeout as sleep } from 'node:timers/promises';
import { LoadWatch } from './load';
import type { Program } from './program';
import { median } from './statistics';

/** Something that can be measured: starts a fresh process that answers trials. */
export interface Contender {
  readonly name: string;
  /** Contenders with the same one share a process, and so its luck; by default each has its own. */
  readonly process?: string;
  /** What this one is asked besides the trial's request. */
  readonly request?: object;
  /** `elsewhere`: in processes of its own that nobody counts; then the machine is watched before and after its turn. */
  readonly computes?: 'elsewhere';
  start(): Program;
}

/** One thing to measure on some of the contenders. */
export interface Trial {
  /** Asked of every contender as it is, with the milliseconds of a turn. */
  readonly request: object;
  readonly contenders: readonly Contender[];
}

/** What a program answers: its time, and what else it measured along with it. */
export interface Answer {
  /** Wall-clock seconds of one repetition. */
  readonly seconds: number;
  /** Seconds that the program computed for the whole answer, on all its threads. */
  readonly computed: number;
  /** GFLOP/s of the 128-bit multiply-add limit just before and after, from programs that can measure it. */
  readonly peak?: number;
}

/** All answers of one contender to one trial. */
export interface Measured {
  /** Median. */
  readonly seconds: number;
  readonly peak: number | undefined;
  readonly answers: readonly Answer[];
}

/** Counts rounds; one for each table. */
export interface Tally {
  /** Rounds that the figures rest on. */
  kept: number;
  /** Rounds during which other programs computed; they were measured again, as long as there was patience. */
  disturbed: number;
  /** Cores that those programs kept busy, on average, round by round. */
  readonly others: number[];
  /** What could not be measured, and why. */
  readonly failures: string[];
}

/** How much is measured. */
export interface Effort {
  /** Fresh starts of every contender: about one start in eight is 20-30 % slower than the others. */
  readonly processes: number;
  /** Turns that the contenders take in each. */
  readonly rounds: number;
  /** Milliseconds of each turn; at least one repetition. */
  readonly milliseconds: number;
  /** What becomes of rounds during which other programs computed. */
  readonly disturbed: 'repeat' | 'keep';
  readonly tally: Tally;
}

/** Disturbed rounds may be as many as all wanted ones, and this many more, before the rest is given up. */
const patience = 6;
/** Milliseconds until a disturbed round is tried again. */
const pause = 200;
/** Milliseconds for which an idle machine is watched. */
const glance = 150;

/**
 * Measures all contenders of every trial in turn, so that whatever else the machine does meets them alike. A round
 * that other programs disturbed is repeated. Gives, trial by trial, what each contender measured, by name; a
 * contender whose every round was disturbed is missing, and so is one that fails: it takes part in the next trial anew.
 */
export async function interleave(trials: readonly Trial[], effort: Effort): Promise<ReadonlyMap<string, Measured>[]> {
  const answers = trials.map(({ contenders }) => new Map(contenders.map(({ name }): [string, Answer[]] => [name, []])));
  const all = new Map(trials.flatMap(({ contenders }) => contenders).map((contender) => [processOf(contender), contender]));
  let left = patience + effort.processes * effort.rounds * trials.length;
  for (let start = 0; start < effort.processes; start++) {
    const programs = new Map([...all].map(([name, contender]) => [name, contender.start()]));
    try {
      for (const [index, trial] of trials.entries()) {
        const failed = new Set<Contender>();
        const fails = async (contender: Contender, error: unknown): Promise<void> => {
          failed.add(contender);
          effort.tally.failures.push(`${contender.name}: ${(error as Error).message}`);
          await programs.get(processOf(contender))?.stop();
          programs.set(processOf(contender), contender.start());
        };
        for (let round = 0; round < effort.rounds; ) {
          const contenders = trial.contenders.filter((contender) => !failed.has(contender));
          const { given, others } = await oneRound({ ...trial, contenders }, programs, effort.milliseconds, fails);
          const keeps = others === 0 || effort.disturbed === 'keep';
          if (others > 0) {
            effort.tally.disturbed++;
            effort.tally.others.push(others);
          }
          if (keeps) {
            effort.tally.kept++;
            for (const [name, answer] of given) answers[index]?.get(name)?.push(answer);
          } else if (left-- > 0) {
            await sleep(pause);
            continue;
          }
          round++;
        }
      }
    } finally {
      await Promise.all([...programs.values()].map((program) => program.stop()));
    }
  }
  return answers.map((byName) => new Map([...byName].filter(([, list]) => list.length > 0).map(([name, list]) => [name, summary(list)])));
}

/** Every contender's turn, and the cores that other programs kept busy meanwhile. */
async function oneRound({ request, contenders }: Trial, programs: ReadonlyMap<string, Program>, milliseconds: number, fails: (contender: Contender, error: unknown) => Promise<void>): Promise<{ given: ReadonlyMap<string, Answer>; others: number }> {
  const given = new Map<string, Answer>();
  const uncounted = contenders.some(({ computes }) => computes === 'elsewhere');
  const before = uncounted ? await othersNow() : 0;
  const watch = new LoadWatch();
  for (const contender of contenders) {
    try {
      const answer = await programs.get(processOf(contender))?.ask<Answer>({ ...request, ...contender.request, milliseconds });
      if (answer) given.set(contender.name, answer);
    } catch (error) {
      await fails(contender, error);
    }
  }
  const computed = [...given.values()].reduce((sum, answer) => sum + answer.computed, 0);
  return { given, others: uncounted ? Math.max(before, await othersNow()) : watch.others(computed) };
}

function processOf({ name, process = name }: Contender): string {
  return process;
}

/** Cores that other programs keep busy while nothing is measured. */
async function othersNow(): Promise<number> {
  const watch = new LoadWatch();
  await sleep(glance);
  return watch.others(0);
}

function summary(answers: readonly Answer[]): Measured {
  const peaks = answers.map(({ peak }) => peak).filter((peak) => peak !== undefined);
  return { seconds: median(answers.map(({ seconds }) => seconds)), peak: peaks.length > 0 ? median(peaks) : undefined, answers };
}
