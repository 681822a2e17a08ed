import type { RunInfo, RunState } from '../shared/run';

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A count as a person reads it: `12,345`. */
export function countText(count: number): string {
  return whole.format(count);
}

/** A loss to three decimals (four significant digits below 0.1); `not finite` where training blew up. */
export function lossText(loss: number): string {
  if (!Number.isFinite(loss)) return 'not finite';
  return Math.abs(loss) >= 0.1 || loss === 0 ? loss.toFixed(3) : loss.toPrecision(3);
}

/** Whether a run still moves. */
export function isUnderWay(state: RunState): boolean {
  return state === 'running' || state === 'stopping';
}

/** How far a run is: `step 120 of 2,000`, `2,000 steps`, `stopped at step 300`. */
export function progressText(run: Pick<RunInfo, 'state' | 'step' | 'steps'>): string {
  const step = countText(run.step);
  switch (run.state) {
    case 'running':
      return `step ${step} of ${countText(run.steps)}`;
    case 'stopping':
      return `stopping at step ${step}`;
    case 'done':
      return `${step} ${run.step === 1 ? 'step' : 'steps'}`;
    default:
      return `${run.state} at step ${step}`;
  }
}

/** The loss that tells most: validation when there is one. */
export function headlineLoss(run: Pick<RunInfo, 'loss' | 'validationLoss' | 'state'>): string | undefined {
  if (isUnderWay(run.state)) return run.loss === undefined ? undefined : `loss ${lossText(run.loss)}`;
  if (run.validationLoss !== undefined) return `validation ${lossText(run.validationLoss)}`;
  return run.loss === undefined ? undefined : `loss ${lossText(run.loss)}`;
}

/** One line about a run: how far, how good, and while it runs how fast. */
export function runLine(run: RunInfo): string {
  const speed = isUnderWay(run.state) && run.tokensPerSecond !== undefined ? `${countText(run.tokensPerSecond)} tokens/s` : undefined;
  return [progressText(run), headlineLoss(run), speed].filter((part) => part !== undefined).join(' · ');
}

/** When a run started, in local time: `16:40` today, else `23 Nov, 16:40`. */
export function startText(startedAt: number, now: number): string {
  const time = new Date(startedAt).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  if (new Date(startedAt).toDateString() === new Date(now).toDateString()) return time;
  return `${new Date(startedAt).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })}, ${time}`;
}
