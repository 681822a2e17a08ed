import type { MetricsColumns } from '../shared/run';
import type { StepResult } from '../training/trainingSession';

/** Milliseconds between two messages about steps. */
const beat = 100;

/** Gathers steps into columns and hands them on about ten times a second, however fast they come; the first at once. */
export class StepBatcher {
  #steps: (StepResult & { readonly seconds: number })[] = [];
  #tokensPerSecond = 0;
  #lastAt = -Infinity;

  constructor(
    readonly send: (columns: MetricsColumns, tokensPerSecond: number) => void,
    readonly now: () => number,
  ) {}

  add(step: StepResult, tokensPerSecond: number, seconds: number): void {
    this.#steps.push({ ...step, seconds });
    this.#tokensPerSecond = tokensPerSecond;
    this.flushIfDue();
  }

  flushIfDue(): void {
    if (this.now() - this.#lastAt >= beat) this.flush();
  }

  flush(): void {
    if (this.#steps.length === 0) return;
    this.#lastAt = this.now();
    const steps = this.#steps;
    this.#steps = [];
    this.send(
      {
        step: Float64Array.from(steps, ({ step }) => step),
        loss: Float64Array.from(steps, ({ loss }) => loss),
        gradNorm: Float64Array.from(steps, ({ gradNorm }) => gradNorm),
        clipped: Uint8Array.from(steps, ({ clipped }) => Number(clipped)),
        learningRate: Float64Array.from(steps, ({ learningRate }) => learningRate),
        normAfter: Float64Array.from(steps, ({ clipping }) => clipping.normAfter),
        largestParameter: steps.map(({ clipping }) => clipping.largest.parameter),
        largestShare: Float64Array.from(steps, ({ clipping }) => clipping.largest.share),
        clipAngle: Float64Array.from(steps, ({ clipping }) => clipping.angle ?? NaN),
        seconds: Float64Array.from(steps, ({ seconds }) => seconds),
        tokens: Float64Array.from(steps, ({ tokens }) => tokens),
      },
      this.#tokensPerSecond,
    );
  }
}
