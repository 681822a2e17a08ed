import { SingleBar } from 'cli-progress';
import type { RunEvent } from '../runs/api';

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
