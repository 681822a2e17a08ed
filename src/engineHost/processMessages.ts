/*
 * What goes between the host and an engine in a process of its own: the messages of the RPC, and what a worker of the
 * same process would learn through shared memory.
 */
import { isRaised, onRaise, raise } from './cancel';
import type { CancelFlag } from './service';

/** From the host. */
export type ToProcess =
  /** An RPC message, in which `FlagName`s stand for flags. */
  | { readonly kind: 'message'; readonly message: unknown }
  /** The flag of this number was raised. */
  | { readonly kind: 'raised'; readonly flag: number };

/** To the host. */
export type FromProcess =
  | { readonly kind: 'message'; readonly message: unknown }
  /** The engine computes rightly and serves. */
  | { readonly kind: 'ready' }
  /** It does not, or has ended. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** See `WorkerHandle.heartbeat`. */
  | { readonly kind: 'beats'; readonly beats: number };

interface FlagName {
  readonly cancelFlag: number;
}

/** An RPC request that carries a flag. */
interface WithFlag<F> {
  readonly argument: { readonly cancel: F };
}

function carries<F>(message: unknown, isFlag: (cancel: unknown) => cancel is F): message is WithFlag<F> {
  const argument: unknown = typeof message === 'object' && message !== null && 'argument' in message ? message.argument : undefined;
  return typeof argument === 'object' && argument !== null && 'cancel' in argument && isFlag(argument.cancel);
}

const isShared = (cancel: unknown): cancel is CancelFlag => cancel instanceof SharedArrayBuffer;
const isName = (cancel: unknown): cancel is FlagName => typeof cancel === 'object' && cancel !== null && 'cancelFlag' in cancel;
const withFlag = (message: WithFlag<unknown>, cancel: unknown): unknown => ({ ...message, argument: { ...message.argument, cancel } });

/** The host's side: gives numbers to the flags in messages, which cannot leave the process, and tells when they are raised. */
export class FlagSender {
  #count = 0;

  constructor(readonly send: (message: ToProcess) => void) {}

  post(message: unknown): void {
    if (!carries(message, isShared)) {
      this.send({ kind: 'message', message });
      return;
    }
    const { cancel } = message.argument;
    const flag = this.#count++;
    this.send({ kind: 'message', message: withFlag(message, { cancelFlag: flag } satisfies FlagName) });
    const tell = (): void => this.send({ kind: 'raised', flag });
    if (isRaised(cancel)()) tell();
    else onRaise(cancel, tell);
  }
}

/** The process's side: has a flag for each number. */
export class FlagReceiver {
  readonly #flags = new Map<number, CancelFlag>();

  constructor(readonly post: (message: unknown) => void) {}

  receive(message: ToProcess): void {
    if (message.kind === 'raised') raise(this.#flagOf(message.flag));
    else if (carries(message.message, isName)) this.post(withFlag(message.message, this.#flagOf(message.message.argument.cancel.cancelFlag)));
    else this.post(message.message);
  }

  #flagOf(number: number): CancelFlag {
    const flag = this.#flags.get(number) ?? new SharedArrayBuffer(4);
    this.#flags.set(number, flag);
    return flag;
  }
}
