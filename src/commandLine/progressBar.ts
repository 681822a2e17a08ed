import { SingleBar } from 'cli-progress';
import type { RunEvent } from '../runs/api';

/** A progress bar of work that knows the share that is done. */
export interface ShareBar {
  /** `done`: 0 … 1; `stage`: what is being done. */
  show(done: number, stage: string): void;
  end(): void;
}

/** A bar on standard error, when that is a terminal. */
export function shareBar(visibility: 'shown' | 'hidden'): ShareBar {
  if (visibility === 'hidden' || !process.stderr.isTTY) return { show: () => undefined, end: () => undefined };
  const bar = new SingleBar({ format: '{bar} {stage}', barsize: 24, hideCursor: true, gracefulExit: false, clearOnComplete: true, stream: process.stderr });
  bar.start(100, 0, { stage: '' });
  return { show: (done, stage) => bar.update(Math.round(100 * done), { stage }), end: () => bar.stop() };
}

/** A progress bar of a training. */
export interface ProgressBar {
  show(event: RunEvent): void;
  end(): void;
}

/** A bar on standard error, when that is a terminal. */
export function progressBar(visibility: 'shown' | 'hidden'): ProgressBar {
  if (visibility === 'hidden' || !process.stderr.isTTY) return { show: () => undefined, end: () => undefined };
  const bar = new SingleBar({
    format: '{bar} {value}/{total} steps · loss {loss} · validation {validation} · {speed} tokens/s · {eta_formatted} left',
    barsize: 24,
    hideCursor: true,
    gracefulExit: false,
    clearOnComplete: false,
    stream: process.stderr,
  });
  return {
    show(event) {
      if (event.event === 'start') bar.start(event.steps, event.step, { loss: '–', validation: '–', speed: '–' });
      else if (event.event === 'step') bar.update(event.step, { loss: event.loss?.toFixed(3) ?? '–', speed: Math.round(event.tokensPerSecond).toLocaleString('en') });
      else if (event.event === 'evaluation') bar.update({ validation: event.validationLoss?.toFixed(3) ?? '–' });
    },
    end: () => bar.stop(),
  };
}
