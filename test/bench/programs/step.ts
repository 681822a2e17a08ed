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

/** Trains for about so many milliseconds and gives the seconds of one step. */
type Training = (milliseconds: number) => number;

const threads = Number(process.argv[2] ?? 1);
let held: { readonly key: string; readonly engine: Engine; readonly train: Training } | undefined;

async function trainingOf({ milliseconds, ...shape }: StepRequest): Promise<Training> {
  const key = JSON.stringify(shape);
  if (held?.key === key) return held.train;
  held?.engine.dispose();
  const architecture = benchmarkArchitecture(shape);
  const engine = await createEngine(architecture, { threads });
  engine.setParameters(initialParameters(architecture, 1));
  const batch = benchmarkBatch(shape, shape.window, shape.batch);
  const train = (duration: number): number => measureTraining(engine, batch, duration).millisecondsPerStep / 1000;
  held = { key, engine, train };
  // Long enough for helpers to have joined.
  train(Math.max(100, milliseconds / 2));
  peakRate();
  return train;
}

void answerLines(async (request: StepRequest) => {
  const train = await trainingOf(request);
  const before = peakRate();
  const seconds = train(request.milliseconds);
  return { seconds, peak: (before + peakRate()) / 2, threads: held?.engine.device.threads };
});
