import workerThreads, { type Worker } from 'node:worker_threads';

/** Every worker thread that was started since this module was loaded, oldest first: a test can end one from outside. */
export const workers: Worker[] = [];

const Original = workerThreads.Worker;

class RecordedWorker extends Original {
  constructor(...given: ConstructorParameters<typeof Original>) {
    super(...given);
    workers.push(this);
  }
}

workerThreads.Worker = RecordedWorker;
