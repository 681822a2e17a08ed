import type { RecurrentSpectrum } from '../shared/weights';

/** What of a training's time may go into the spectra of its weights, which take long: close to a second for two layers of 128 units. */
const share = 0.02;

/** Spectra of the weights at a step. */
export interface SteppedSpectra {
  readonly step: number;
  readonly spectra: readonly RecurrentSpectrum[];
}

/** The spectra of trainings under way, found anew when they may take that long again; between, those of an earlier step stand. */
export class LiveSpectra {
  readonly #now: () => number;
  readonly #known = new Map<string, { readonly found: Promise<SteppedSpectra>; next: number }>();

  /** `now`: milliseconds from any fixed point. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Those of a run that stands at `step`. Rejects as `find` does; the next call then tries again. */
  of(run: string, step: number, find: () => Promise<readonly RecurrentSpectrum[]>): Promise<SteppedSpectra> {
    const known = this.#known.get(run);
    const begun = this.#now();
    if (known && begun < known.next) return known.found;
    const entry = { found: find().then((spectra) => ({ step, spectra })), next: Infinity };
    this.#known.set(run, entry);
    entry.found.then(
      () => {
        const ended = this.#now();
        entry.next = ended + (ended - begun) / share;
      },
      () => this.forget(run),
    );
    return entry.found;
  }

  forget(run: string): void {
    this.#known.delete(run);
  }
}
