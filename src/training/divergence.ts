import type { StepResult } from './trainingSession';

/** Why this update shows that the training has diverged, for a person; undefined while all is finite. */
export function divergence(result: Pick<StepResult, 'step' | 'loss' | 'gradNorm' | 'learningRate'>, clipped: 'clips' | 'does-not-clip'): string | undefined {
  const { step, loss, gradNorm, learningRate } = result;
  const what = !Number.isFinite(loss) ? `the loss became ${name(loss)}` : !Number.isFinite(gradNorm) ? `the gradient norm became ${name(gradNorm)}` : undefined;
  if (what === undefined) return undefined;
  const advice = clipped === 'clips' ? 'or clip at a smaller threshold' : 'or clip the gradients (training.clip)';
  return `Training diverged: at step ${step} ${what}. Lower the learning rate (now ${Number(learningRate.toPrecision(3))}) ${advice}.`;
}

function name(value: number): string {
  return Number.isNaN(value) ? 'not a number' : 'infinite';
}
