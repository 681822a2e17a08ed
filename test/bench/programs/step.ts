import { createEngine } from '../../../src/engineHost/createEngine';
import type { Engine } from '../../../src/engine/engine';
import { initialParameters } from '../../../src/engine/initialise';
import { benchmarkArchitecture, benchmarkBatch, benchmarkRule, type BenchmarkNetwork } from '../../../src/training/benchmark';
import { timed } from '../measure/clock';
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

const threads = Number(process.argv[2] ?? 1);
let held: { readonly key: string; readonly engine: Engine; readonly step: () => void } | undefined;

async function stepperOf({ milliseconds, ...shape }: StepRequest): Promise<() => void> {
  const key = JSON.stringify(shape);
  if (held?.key === key) return held.step;
  held?.engine.dispose();
  const architecture = benchmarkArchitecture(shape);
  const engine = await createEngine(architecture, { threads });
  engine.setParameters(initialParameters(architecture, 1));
  const batch = benchmarkBatch(shape, shape.window, shape.batch);
  const step = (): void => void engine.step(batch, benchmarkRule);
  held = { key, engine, step };
  timed(step, milliseconds / 2);
  peakRate();
  return step;
}

void answerLines(async (request: StepRequest) => {
  const step = await stepperOf(request);
  const before = peakRate();
  const { seconds } = timed(step, request.milliseconds);
  return { seconds, peak: (before + peakRate()) / 2 };
});
