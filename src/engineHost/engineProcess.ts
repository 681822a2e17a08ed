import { checkedKernels } from './checkedKernels';
import { FlagReceiver, type FromProcess, type ToProcess } from './processMessages';
import { startNodeWorker } from './workerHandle';

/** Milliseconds between two signs of life. */
const beat = 500;

/**
 * The engine in a process of its own, where flags of V8 touch nobody else: checks once that they compute rightly, then
 * starts the usual worker and passes on what it says and hears. Ends with the process that started it.
 */
async function serve(workerPath: string): Promise<void> {
  const send = (message: FromProcess): void => void process.send?.(message);
  // Read only when it is needed: the engines and all that they need are most of this program.
  const checked = await checkedKernels(async () => (await import('./kernelCheck')).checkKernels());
  if ('wrong' in checked) {
    send({ kind: 'failed', reason: checked.wrong });
    return;
  }
  const worker = startNodeWorker(workerPath, checked.variant);
  worker.onExit((reason) => send({ kind: 'failed', reason }));
  worker.transport.listen((message) => send({ kind: 'message', message }));
  const flags = new FlagReceiver((message) => worker.transport.post(message));
  process.on('message', (message) => flags.receive(message as ToProcess));
  let told = worker.heartbeat();
  setInterval(() => {
    const beats = worker.heartbeat();
    if (beats !== told) send({ kind: 'beats', beats });
    told = beats;
  }, beat);
  send({ kind: 'ready' });
}

const [, , workerPath] = process.argv;
if (process.send && workerPath !== undefined) {
  process.on('disconnect', () => process.exit());
  // Ctrl+C and a closed terminal reach this process as well; the one that started it stops the work in order and ends it then.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  void serve(workerPath);
}
