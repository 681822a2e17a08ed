import type { Checkpointed } from '../engine/engine';
import type { CancelFlag } from './service';

/** Work was abandoned because somebody asked for it. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
  readonly code = 'cancelled';
  constructor() {
    super('Cancelled.');
  }
}

/** A flag for one piece of work; undefined where memory cannot be shared (work then stops between steps only). */
export function cancelFlag(): CancelFlag | undefined {
  return typeof SharedArrayBuffer === 'undefined' ? undefined : new SharedArrayBuffer(4);
}

/** Who hears of flags that are raised in this thread. */
const listeners = new WeakMap<CancelFlag, () => void>();

export function raise(flag: CancelFlag | undefined): void {
  if (!flag) return;
  Atomics.store(new Int32Array(flag), 0, 1);
  listeners.get(flag)?.();
}

/** Calls back when this flag is raised in this thread, where it must be told to another process; one listener a flag. */
export function onRaise(flag: CancelFlag, listener: () => void): void {
  listeners.set(flag, listener);
}

/** Reads a flag; always false without one. */
export function isRaised(flag: CancelFlag | undefined): () => boolean {
  if (!flag) return () => false;
  const view = new Int32Array(flag);
  return () => Atomics.load(view, 0) !== 0;
}

/** What engines ask during long work: throws Cancelled once `requested` is true. */
export function aliveUntil(requested: () => boolean, heartbeat: () => void): Checkpointed {
  return () => {
    heartbeat();
    if (requested()) throw new Cancelled();
  };
}
