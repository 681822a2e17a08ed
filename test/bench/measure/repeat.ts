/** Repeats `work` for about so many milliseconds, at least once; gives the wall-clock seconds of one repetition. */
export function repeat(work: () => void, milliseconds: number): number {
  const start = performance.now();
  let repetitions = 0;
  let elapsed = 0;
  do {
    work();
    repetitions++;
    elapsed = performance.now() - start;
  } while (elapsed < milliseconds);
  return elapsed / repetitions / 1000;
}
