import { exitStatus } from './output';

/** What asks a program to end: Ctrl+C, `kill`, a closed terminal, a closed output (see `watchOutput`). */
const requests = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE'] as const;

/** The first request to end stops the work in order, a training with a checkpoint; a second signal ends the program at once. Returns a function that stops listening. */
export function stopOnSignals(interrupt: AbortController): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    // A closed output is told again with each line.
    if (interrupt.signal.aborted && signal !== 'SIGPIPE') process.exit(exitStatus.interrupted);
    interrupt.abort();
  };
  for (const signal of requests) process.on(signal, onSignal);
  return () => requests.forEach((signal) => process.off(signal, onSignal));
}
