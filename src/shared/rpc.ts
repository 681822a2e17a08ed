/**
 * One request/reply handler for both seams: extension host ↔ worker and extension host ↔ webview.
 *
 * A service is an object of async methods, each with one argument and one result. Wire types
 * follow from the interface: `connect<EngineService>(…)` gives `call('train', request)`.
 * A handler that throws replies with its message; a caller's AbortSignal cancels the handler's.
 */

/** The two ends of a message pipe. */
export interface Transport {
  post(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  /** Returns a function that stops listening. */
  listen(receive: (message: unknown) => void): () => void;
}

/** Methods that answer; what they return is sent back. */
export type Service = { [method: string]: (argument: never, signal: AbortSignal) => unknown };

type Argument<S, M extends keyof S> = S[M] extends (argument: infer A, ...rest: never[]) => unknown ? A : never;
type Result<S, M extends keyof S> = S[M] extends (...all: never[]) => infer R ? Awaited<R> : never;

/** Marks ArrayBuffers of a result that move instead of being copied. */
export class Transferred<T> {
  constructor(
    readonly value: T,
    readonly buffers: readonly ArrayBuffer[],
  ) {}
}

type Unwrapped<T> = T extends Transferred<infer V> ? V : T;

export interface Remote<S> {
  /** Rejects with a RemoteError when the handler failed, with an AbortError when `signal` did. */
  call<M extends keyof S & string>(method: M, argument: Argument<S, M>, options?: { signal?: AbortSignal; transfer?: readonly ArrayBuffer[] }): Promise<Unwrapped<Result<S, M>>>;
  /** No answer wanted; failures on the far side are dropped. */
  notify<M extends keyof S & string>(method: M, argument: Argument<S, M>, transfer?: readonly ArrayBuffer[]): void;
  /** Stops listening; calls under way reject with `reason`. */
  close(reason: string): void;
}

/** A failure on the far side, with its message and, where it had one, its `code`. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  constructor(
    message: string,
    readonly code?: string,
    readonly details?: unknown,
  ) {
    super(message);
  }
}

/** Thrown on the calling side when its signal aborted. */
export class AbortError extends Error {
  override readonly name = 'AbortError';
  constructor() {
    super('Cancelled.');
  }
}

type Message =
  | { readonly rpc: 'request'; readonly id: number; readonly method: string; readonly argument: unknown }
  | { readonly rpc: 'notice'; readonly method: string; readonly argument: unknown }
  | { readonly rpc: 'cancel'; readonly id: number }
  | { readonly rpc: 'reply'; readonly id: number; readonly result: unknown }
  | { readonly rpc: 'failure'; readonly id: number; readonly message: string; readonly code?: string; readonly details?: unknown };

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && 'rpc' in value;
}

/** Serves `local` to the far side and returns the far side's service. */
export function connect<R>(transport: Transport, local: Service): Remote<R> {
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void; done: () => void }>();
  const serving = new Map<number, AbortController>();
  let nextId = 1;
  let closed: string | undefined;

  async function serve(id: number, method: string, argument: unknown): Promise<void> {
    const controller = new AbortController();
    serving.set(id, controller);
    try {
      const handler = Object.hasOwn(local, method) ? local[method] : undefined;
      if (!handler) throw new RemoteError(`No method ${method}.`);
      const result = await handler(argument as never, controller.signal);
      if (result instanceof Transferred) transport.post({ rpc: 'reply', id, result: result.value }, result.buffers);
      else transport.post({ rpc: 'reply', id, result });
    } catch (error) {
      const { message, code, details } = error as { message?: string; code?: string; details?: unknown };
      transport.post({ rpc: 'failure', id, message: message ?? String(error), code, details });
    } finally {
      serving.delete(id);
    }
  }

  function settle(id: number, act: (entry: { resolve: (value: never) => void; reject: (error: Error) => void }) => void): void {
    const entry = waiting.get(id);
    if (!entry) return;
    waiting.delete(id);
    entry.done();
    act(entry);
  }

  const stop = transport.listen((message) => {
    if (!isMessage(message)) return;
    switch (message.rpc) {
      case 'request':
        void serve(message.id, message.method, message.argument);
        break;
      case 'notice':
        if (Object.hasOwn(local, message.method)) void Promise.resolve(local[message.method]?.(message.argument as never, new AbortController().signal)).catch(() => undefined);
        break;
      case 'cancel':
        serving.get(message.id)?.abort();
        break;
      case 'reply':
        settle(message.id, (entry) => entry.resolve(message.result as never));
        break;
      case 'failure':
        settle(message.id, (entry) => entry.reject(new RemoteError(message.message, message.code, message.details)));
        break;
    }
  });

  return {
    call(method, argument, options = {}) {
      const { signal, transfer } = options;
      if (closed !== undefined) return Promise.reject(new RemoteError(closed));
      if (signal?.aborted) return Promise.reject(new AbortError());
      const id = nextId++;
      return new Promise((resolve, reject) => {
        const abort = (): void => {
          transport.post({ rpc: 'cancel', id });
          settle(id, (entry) => entry.reject(new AbortError()));
        };
        signal?.addEventListener('abort', abort, { once: true });
        waiting.set(id, { resolve, reject, done: () => signal?.removeEventListener('abort', abort) });
        transport.post({ rpc: 'request', id, method, argument }, transfer);
      });
    },
    notify(method, argument, transfer) {
      if (closed === undefined) transport.post({ rpc: 'notice', method, argument }, transfer);
    },
    close(reason) {
      closed = reason;
      stop();
      for (const controller of serving.values()) controller.abort();
      for (const id of [...waiting.keys()]) settle(id, (entry) => entry.reject(new RemoteError(reason)));
    },
  };
}
