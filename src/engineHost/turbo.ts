import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { compileCacheEnvironment } from './cacheFolder';
import { FlagSender, type FromProcess, type ToProcess } from './processMessages';
import { knownFlags, likelyFlags, nodeEnvironment } from './turboFlags';
import { startNodeWorker, type WorkerHandle } from './workerHandle';

/** How the engine is started in a process of its own. */
export interface TurboOptions {
  /** The worker's bundle, which the process runs, or this one when that fails. */
  readonly worker: string;
  /** The process's bundle. */
  readonly program?: string;
  /** V8's flags; those that suit its version when absent. */
  readonly flags?: readonly string[];
  /** Hears why there is no turbo. */
  readonly log: (text: string) => void;
}

/**
 * Starts the engine in a process of its own, with flags of V8 that make the kernels faster. Where there are none, or
 * they compute wrongly, it is the usual worker after all. What is posted meanwhile waits.
 */
export function startTurbo(options: TurboOptions): WorkerHandle {
  const { worker, log } = options;
  const exits = new Set<(reason: string) => void>();
  const receivers = new Set<(message: unknown) => void>();
  const waiting: (readonly [message: unknown, transfer: readonly ArrayBuffer[] | undefined])[] = [];
  let kept: 'kept' | 'not-kept' = 'kept';
  let ended = false;
  let inner: WorkerHandle | undefined;

  const become = (handle: WorkerHandle): void => {
    inner = handle;
    handle.keep(kept);
    handle.onExit((reason) => exits.forEach((listener) => listener(reason)));
    handle.transport.listen((message) => receivers.forEach((receive) => receive(message)));
    for (const [message, transfer] of waiting.splice(0)) handle.transport.post(message, transfer);
    if (ended) handle.terminate();
  };
  startProcess(options).then(become, (error: unknown) => {
    log(`Turbo is off: ${(error as Error).message}. The engine runs in its usual worker thread.`);
    if (!ended) become(startNodeWorker(worker));
  });

  return {
    transport: {
      post: (message, transfer) => (inner ? inner.transport.post(message, transfer) : void waiting.push([message, transfer])),
      listen(receive) {
        receivers.add(receive);
        return () => void receivers.delete(receive);
      },
    },
    onExit: (listener) => void exits.add(listener),
    heartbeat: () => inner?.heartbeat() ?? 0,
    keep(now) {
      kept = now;
      inner?.keep(now);
    },
    terminate() {
      ended = true;
      inner?.terminate();
    },
  };
}

const noFlag = `V8 ${process.versions.v8} has no flag that helps`;

/** Resolves once the process serves. Rejects, with half a sentence for a person, when it cannot. */
async function startProcess({ worker, program = join(__dirname, 'engineProcess.js'), flags = likelyFlags(process.versions.v8) }: TurboOptions): Promise<WorkerHandle> {
  if (flags.length === 0) throw new Error(noFlag);
  const child = fork(program, [worker], { execPath: process.execPath, execArgv: [...flags], env: compileCacheEnvironment(nodeEnvironment), serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  await new Promise<void>((resolve, reject) => {
    child.once('message', (message: FromProcess) => {
      if (message.kind === 'ready') resolve();
      else reject(new Error(message.kind === 'failed' ? message.reason : 'its process began with something unexpected'));
    });
    child.once('error', (error) => reject(new Error(`its process does not start (${error.message})`)));
    child.once('exit', (code, signal) => reject(new Error(`its process ended at once (${signal ?? `status ${code}`})`)));
  }).catch(async (error: unknown) => {
    child.kill('SIGKILL');
    // Asked only now, because asking takes as long as starting does.
    throw (await knownFlags()).length === 0 ? new Error(noFlag) : error;
  });
  return processHandle(child);
}

function processHandle(child: ChildProcess): WorkerHandle {
  const receivers = new Set<(message: unknown) => void>();
  const exits = new Set<(reason: string) => void>();
  let beats = 0;
  let failure: string | undefined;
  child.on('message', (message: FromProcess) => {
    if (message.kind === 'message') receivers.forEach((receive) => receive(message.message));
    else if (message.kind === 'beats') beats = message.beats;
    else if (message.kind === 'failed') {
      failure = message.reason;
      child.kill('SIGKILL');
    }
  });
  child.on('error', () => undefined); // A message that cannot be sent; `exit` follows.
  child.once('exit', () => exits.forEach((listener) => listener(failure ?? 'The engine was ended from outside.')));
  const flags = new FlagSender((message: ToProcess) => {
    if (child.connected) child.send(message);
  });
  return {
    transport: {
      post: (message) => flags.post(message),
      listen(receive) {
        receivers.add(receive);
        return () => void receivers.delete(receive);
      },
    },
    onExit: (listener) => void exits.add(listener),
    heartbeat: () => beats,
    keep(kept) {
      const what = kept === 'kept' ? 'ref' : 'unref';
      child[what]();
      child.channel?.[what]();
    },
    terminate: () => void child.kill('SIGKILL'),
  };
}
