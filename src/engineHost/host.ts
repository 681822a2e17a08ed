import { connect, type Remote, type Service } from '../shared/rpc';
import type { EngineService, HostService } from './service';
import type { WorkerHandle } from './workerHandle';

/** A right to use the engine; the worker lives while somebody has one. */
export interface Lease {
  readonly engine: Remote<EngineService>;
  /**
   * Waits for an answer to a cancellation. A worker that shows no sign of life for 5 seconds
   * meanwhile is ended, which fails all that it holds.
   */
  insist<R>(answer: Promise<R>): Promise<R>;
  release(): void;
}

export interface EngineHostOptions {
  /** Milliseconds that an unused worker stays, ready for the next use; default 15 s. */
  readonly grace?: number;
  /** Milliseconds without a sign of life after which a cancelled worker is ended; default 5 s. */
  readonly patience?: number;
  /** What a worker started now would be; one of another kind that nobody uses any more is not used again. */
  readonly kind?: () => string;
}

interface Running {
  readonly handle: WorkerHandle;
  readonly remote: Remote<EngineService>;
  readonly kind: string;
  leases: number;
  ending?: NodeJS.Timeout;
}

/**
 * Starts the worker on first use, shares it among its users, and ends it a short grace after the
 * last. If it dies, all calls to it reject with the reason and the next use starts a fresh one.
 */
export class EngineHost {
  readonly #start: () => WorkerHandle;
  readonly #local: HostService;
  readonly #grace: number;
  readonly #patience: number;
  readonly #kind: () => string;
  #running: Running | undefined;

  constructor(start: () => WorkerHandle, local: HostService, { grace = 15_000, patience = 5_000, kind = () => '' }: EngineHostOptions = {}) {
    this.#start = start;
    this.#local = local;
    this.#grace = grace;
    this.#patience = patience;
    this.#kind = kind;
  }

  /** Whether there is a worker now. */
  get running(): boolean {
    return this.#running !== undefined;
  }

  lease(): Lease {
    if (this.#running?.leases === 0 && this.#running.kind !== this.#kind()) this.#end(this.#running);
    const running = (this.#running ??= this.#launch());
    clearTimeout(running.ending);
    running.leases++;
    running.handle.keep('kept');
    let released = false;
    return {
      engine: running.remote,
      insist: (answer) => this.#insist(running, answer),
      release: () => {
        if (released) return;
        released = true;
        running.leases--;
        if (running.leases === 0 && this.#running === running) this.#endLater(running);
      },
    };
  }

  /** Ends the worker at once; what it holds fails with this reason. */
  terminate(reason: string): void {
    const running = this.#running;
    if (!running) return;
    this.#forget(running, reason);
    running.handle.terminate();
  }

  #launch(): Running {
    const handle = this.#start();
    const running: Running = { handle, remote: connect<EngineService>(handle.transport, this.#local satisfies Service), kind: this.#kind(), leases: 0 };
    handle.onExit((reason) => this.#forget(running, reason));
    return running;
  }

  #endLater(running: Running): void {
    running.handle.keep('not-kept');
    running.ending = setTimeout(() => this.#end(running), this.#grace);
    running.ending.unref();
  }

  #end(running: Running): void {
    this.#forget(running, 'The engine has ended.');
    running.handle.terminate();
  }

  #forget(running: Running, reason: string): void {
    clearTimeout(running.ending);
    if (this.#running === running) this.#running = undefined;
    running.remote.close(reason);
  }

  async #insist<R>(running: Running, answer: Promise<R>): Promise<R> {
    let seen = running.handle.heartbeat();
    const watch = setInterval(() => {
      const beat = running.handle.heartbeat();
      if (beat === seen && this.#running === running) this.terminate('The engine did not answer and was ended.');
      seen = beat;
    }, this.#patience);
    try {
      return await answer;
    } finally {
      clearInterval(watch);
    }
  }
}
