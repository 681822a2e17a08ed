import { exitStatus } from './output';

/** The first signal stops the training with a checkpoint, a second one ends the program at once. Returns a function that stops listening. */
export function stopOnSignals(interrupt: AbortController): () => void {
  const onSignal = (): void => {
    if (interrupt.signal.aborted) process.exit(exitStatus.interrupted);
    interrupt.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return () => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
}
