/** How long work took. */
export interface Timed {
  /** Wall-clock seconds of one repetition, mean over all. */
  readonly seconds: number;
  readonly repetitions: number;
}

/** Repeats `work` for about so many milliseconds, at least once. */
export function timed(work: () => void, milliseconds: number): Timed {
  const start = performance.now();
  let repetitions = 0;
  let elapsed = 0;
  do {
    work();
    repetitions++;
    elapsed = performance.now() - start;
  } while (elapsed < milliseconds);
  return { seconds: elapsed / repetitions / 1000, repetitions };
}
