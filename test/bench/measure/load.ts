import { cpus } from 'node:os';

/** Computing that others may do meanwhile before a measurement counts as disturbed: a tenth of a core. */
const tolerated = 0.1;
/** The system counts computing in ticks of a hundredth of a second on each core. */
const tick = 0.01;

/** Seconds of computing on all cores since the machine started. */
function computed(): number {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0) / 1000;
}

/** Seconds that this process has computed. */
function ownSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Watches from its making whether programs that are not measured take the machine's time. */
export class LoadWatch {
  readonly #begin = { time: performance.now(), computed: computed(), own: ownSeconds() };

  /**
   * Cores that others kept busy since then, on average: 0.5 is half a core. `measured` are the seconds of computing
   * of the programs that were to run. Less than a tenth of a core and less than the clock can tell give 0.
   */
  others(measured: number): number {
    const elapsed = (performance.now() - this.#begin.time) / 1000;
    const others = computed() - this.#begin.computed - (ownSeconds() - this.#begin.own) - measured;
    const noise = cpus().length * tick;
    return others - noise > tolerated * elapsed ? others / elapsed : 0;
  }
}
