import type { Program } from './program';
import { median } from './statistics';

/** Something that can be measured: starts a fresh process that answers trials. */
export interface Contender {
  readonly name: string;
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

/** How much is measured. */
export interface Effort {
  /** Fresh starts of every contender: about one start in eight is 20-30 % slower than the others. */
  readonly processes: number;
  /** Turns that the contenders take in each. */
  readonly rounds: number;
  /** Milliseconds of each turn; at least one repetition. */
  readonly milliseconds: number;
}

/**
 * Measures all contenders of every trial in turn, so that whatever else the machine does meets them alike.
 * Gives, trial by trial, what each contender measured, by name.
 */
export async function interleave(trials: readonly Trial[], { processes, rounds, milliseconds }: Effort): Promise<ReadonlyMap<string, Measured>[]> {
  const answers = trials.map(({ contenders }) => new Map(contenders.map(({ name }): [string, Answer[]] => [name, []])));
  const all = new Map(trials.flatMap(({ contenders }) => contenders).map((contender) => [contender.name, contender]));
  for (let start = 0; start < processes; start++) {
    const programs = new Map([...all].map(([name, contender]) => [name, contender.start()]));
    try {
      for (const [index, { request, contenders }] of trials.entries()) {
        for (let round = 0; round < rounds; round++) {
          for (const { name } of contenders) {
            const answer = await programs.get(name)?.ask<Answer>({ ...request, milliseconds });
            if (answer) answers[index]?.get(name)?.push(answer);
          }
        }
      }
    } finally {
      await Promise.all([...programs.values()].map((program) => program.stop()));
    }
  }
  return answers.map((byName) => new Map([...byName].map(([name, list]) => [name, summary(list)])));
}

function summary(answers: readonly Answer[]): Measured {
  const peaks = answers.map(({ peak }) => peak).filter((peak) => peak !== undefined);
  return { seconds: median(answers.map(({ seconds }) => seconds)), peak: peaks.length > 0 ? median(peaks) : undefined, answers };
}
