import type { Arena, EngineMemory } from './memory';

/** The few numbers that differ from batch to batch, in memory, where the instructions of a program find them. */
export class BatchWords {
  readonly #memory: EngineMemory;
  /** u32: what dropout is drawn from. */
  readonly seedAt: number;
  /** f32: what derivatives of losses are multiplied by. */
  readonly lossScaleAt: number;
  /** i32: 1 once an input was no finite number. */
  readonly wrongAt: number;
  /** f64: the sum of the losses. */
  readonly lossSumAt: number;

  constructor(memory: EngineMemory, arena: Arena) {
    this.#memory = memory;
    const address = arena.take(24);
    [this.seedAt, this.lossScaleAt, this.wrongAt, this.lossSumAt] = [address, address + 4, address + 8, address + 16];
  }

  set seed(seed: number) {
    this.#memory.i32[this.seedAt / 4] = seed;
  }

  set lossScale(scale: number) {
    this.#memory.f32[this.lossScaleAt / 4] = scale;
  }

  get lossSum(): number {
    return this.#memory.f64[this.lossSumAt / 8] ?? 0;
  }

  /** Forgets wrong inputs. */
  beginReading(): void {
    this.#memory.i32[this.wrongAt / 4] = 0;
  }

  /** Whether an input was no finite number. */
  get readWrong(): boolean {
    return this.#memory.i32[this.wrongAt / 4] !== 0;
  }
}
