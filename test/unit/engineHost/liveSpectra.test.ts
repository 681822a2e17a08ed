import { describe, expect, it } from 'vitest';
import { LiveSpectra } from '../../../src/engineHost/liveSpectra';

describe('the spectra of a training under way', () => {
  /** Spectra that take so many milliseconds of a clock, by the step that they are asked for. */
  function measured(took: number) {
    let now = 0;
    const spectra = new LiveSpectra(() => now);
    let found = 0;
    const ask = async (run: string, step: number): Promise<number> =>
      (
        await spectra.of(run, step, async () => {
          found++;
          now += took;
          return [];
        })
      ).step;
    return { spectra, ask, pass: (milliseconds: number) => (now += milliseconds), count: () => found };
  }

  it('are those of an earlier step until they may take as long again', async () => {
    const { ask, pass, count } = measured(100);
    expect(await ask('a', 1)).toBe(1);
    pass(4000);
    expect(await ask('a', 20)).toBe(1);
    pass(1000);
    expect(await ask('a', 30)).toBe(30);
    expect(count()).toBe(2);
  });

  it('are found for every run, and again for one that begins anew', async () => {
    const { spectra, ask } = measured(100);
    expect(await ask('a', 1)).toBe(1);
    expect(await ask('b', 2)).toBe(2);
    spectra.forget('a');
    expect(await ask('a', 3)).toBe(3);
  });

  it('are tried again after a failure', async () => {
    const { spectra, ask } = measured(100);
    await expect(spectra.of('a', 1, () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
    expect(await ask('a', 2)).toBe(2);
  });
});
