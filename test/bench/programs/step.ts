import { createEngine } from '../../../src/engineHost/createEngine';
import type { Engine } from '../../../src/engine/engine';
import { initialParameters } from '../../../src/engine/initialise';
import { benchmarkArchitecture, benchmarkBatch, measureTraining, type BenchmarkNetwork } from '../../../src/training/benchmark';
import { peakRate } from '../measure/peak';
import { answerLines } from '../measure/program';

/*
 * Measures training steps of Unroll's engine: `step.js THREADS`. The first request for a network warms it up.
 */

/** What is trained; PyTorch's and the other peers' programs answer the same. */
export interface StepRequest extends BenchmarkNetwork {
  readonly batch: number;
  readonly window: number;
  readonly milliseconds: number;
}

/** An engine, and what trains it for about so many milliseconds and gives the seconds of one step. */
interface Held {
  readonly engine: Engine;
  readonly train: (milliseconds: number) => number;
}

const threads = Number(process.argv[2] ?? 1);
/** Networks that were asked for last, so that several can take turns; one alone where others' helpers might be in the way. */
const held = new Map<string, Held>();
const mostHeld = threads === 1 ? 8 : 1;

async function trainingOf({ milliseconds, ...shape }: StepRequest): Promise<Held> {
  const key = JSON.stringify(shape);
  const known = held.get(key);
  if (known) return known;
  const [[oldest, last] = []] = held;
  if (held.size === mostHeld && oldest !== undefined && last) {
    last.engine.dispose();
    held.delete(oldest);
  }
  const architecture = benchmarkArchitecture(shape);
  const engine = await createEngine(architecture, { threads });
  engine.setParameters(initialParameters(architecture, 1));
  const batch = benchmarkBatch(shape, shape.window, shape.batch);
  const train = (duration: number): number => measureTraining(engine, batch, duration).millisecondsPerStep / 1000;
  // Long enough for helpers to have joined.
  train(Math.max(100, milliseconds / 2));
  peakRate();
  const made = { engine, train };
  held.set(key, made);
  return made;
}

void answerLines(async (request: StepRequest) => {
  const { engine, train } = await trainingOf(request);
  const before = peakRate();
  const seconds = train(request.milliseconds);
  return { seconds, peak: (before + peakRate()) / 2, threads: engine.device.threads };
});
