import { raise } from '../engineHost/cancel';
import type { Lease } from '../engineHost/host';
import type { StepBatch } from '../engineHost/service';
import type { Evaluation, RunInfo } from '../shared/run';
import type { Outcome } from '../training/trainingLoop';
import { ActiveRun } from './activeRun';
import type { RunChange, TrainOptions } from './api';
import { stored, type WriteFile } from './atomicWrite';
import type { StartedTraining } from './startTraining';

export interface BeginParts {
  readonly started: StartedTraining;
  readonly lease: Lease;
  readonly write: WriteFile;
  readonly options: TrainOptions;
  readonly onChange: (change: RunChange) => void;
}

/** A training in the worker together with its folder. */
export class TrainingUnderWay {
  readonly #parts: BeginParts;
  readonly #folder: ActiveRun;
  #finished: Promise<RunInfo> | undefined;

  private constructor(parts: BeginParts, folder: ActiveRun) {
    this.#parts = parts;
    this.#folder = folder;
  }

  /** Opens the folder. Throws a RunError. */
  static async begin(parts: BeginParts): Promise<TrainingUnderWay> {
    const { started, write, onChange, options, lease } = parts;
    try {
      let folder: ActiveRun | undefined;
      await stored(started.run, async () => {
        folder = await ActiveRun.open({ ...started, write, onChange, onEvent: options.onEvent });
      });
      if (!folder) throw new Error('The run was not opened.');
      return new TrainingUnderWay(parts, folder);
    } catch (error) {
      lease.engine.notify('release', { run: started.key });
      throw error;
    }
  }

  get key(): string {
    return this.#parts.started.key;
  }

  get info(): RunInfo {
    return this.#folder.info;
  }

  /** Trains to the end and completes the folder; `ended` is called just before it resolves. Never rejects. */
  run(ended: () => void): Promise<RunInfo> {
    this.#finished = this.#train().finally(ended);
    return this.#finished;
  }

  /** Asks the training to stop, and resolves when its folder is complete. */
  async stop(): Promise<RunInfo> {
    const { lease, started } = this.#parts;
    this.#folder.stopping();
    raise(started.cancel);
    const finished = this.#finished ?? Promise.resolve(this.info);
    await lease.insist(lease.engine.call('stop', { run: started.key })).catch(() => undefined);
    return finished;
  }

  written(): Promise<void> {
    return this.#folder.written();
  }

  steps(batch: StepBatch): void {
    this.#folder.steps(batch);
    void this.written().then(() => {
      if (this.#folder.failure !== undefined) raise(this.#parts.started.cancel);
    });
  }

  evaluation(evaluation: Evaluation): void {
    this.#folder.evaluation(evaluation);
  }

  checkpoint(step: number, file: Uint8Array): Promise<void> {
    return this.#folder.checkpoint(step, file);
  }

  async #train(): Promise<RunInfo> {
    const { lease, started, options } = this.#parts;
    const abort = (): void => void this.stop();
    options.signal?.addEventListener('abort', abort, { once: true });
    if (options.signal?.aborted) abort();
    const outcome = await lease.engine.call('train', { run: started.key }).catch((error: unknown) => this.#failed(error as Error));
    options.signal?.removeEventListener('abort', abort);
    lease.engine.notify('release', { run: started.key });
    return this.#folder.end(outcome);
  }

  #failed({ message }: Error): Outcome {
    const { step, checkpoints, tokensPerSecond = 0 } = this.info;
    const last = checkpoints.at(-1);
    const rest = last === undefined ? '' : ` The run keeps its checkpoint of step ${last} and can be resumed.`;
    return { state: 'failed', step, tokensPerSecond, reason: `${message}${rest}` };
  }
}
