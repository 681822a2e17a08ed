import { afterEach, describe, expect, it, vi } from 'vitest';
import { EngineHost, type EngineHostOptions } from '../../../src/engineHost/host';
import type { HostService } from '../../../src/engineHost/service';
import type { WorkerHandle } from '../../../src/engineHost/workerHandle';

const silent: HostService = { log: () => undefined, steps: () => undefined, evaluation: () => undefined, checkpoint: () => Promise.resolve(), text: () => undefined, diagnosing: () => undefined, checking: () => undefined };

/** A worker that only records what becomes of it, and answers nothing. */
interface DoubleWorker extends WorkerHandle {
  terminated: boolean;
  beats: number;
  kept: string;
  die(reason: string): void;
}

function doubles(options: EngineHostOptions = {}) {
  const workers: DoubleWorker[] = [];
  const start = (): WorkerHandle => {
    let exit: (reason: string) => void = () => undefined;
    const worker: DoubleWorker = {
      terminated: false,
      beats: 0,
      kept: '',
      transport: { post: () => undefined, listen: () => () => undefined },
      onExit: (listener) => void (exit = listener),
      heartbeat: () => worker.beats,
      keep: (kept) => void (worker.kept = kept),
      terminate: () => void (worker.terminated = true),
      die: (reason) => exit(reason),
    };
    workers.push(worker);
    return worker;
  };
  return { workers, host: new EngineHost(start, silent, options) };
}

afterEach(() => void vi.useRealTimers());

describe('the worker', () => {
  it('starts with its first user, is shared, and ends a grace after its last', () => {
    vi.useFakeTimers();
    const { workers, host } = doubles({ grace: 1000 });
    expect(workers).toHaveLength(0);
    const [a, b] = [host.lease(), host.lease()];
    expect(workers).toHaveLength(1);
    a.release();
    a.release();
    vi.advanceTimersByTime(5000);
    expect(workers[0]!.terminated).toBe(false);
    b.release();
    expect(workers[0]!.kept).toBe('not-kept');
    vi.advanceTimersByTime(999);
    expect(workers[0]!.terminated).toBe(false);
    vi.advanceTimersByTime(1);
    expect(workers[0]!.terminated).toBe(true);
    expect(host.running).toBe(false);
  });

  it('gives way to one of another kind once nobody uses it', () => {
    let kind = 'worker';
    const { workers, host } = doubles({ kind: () => kind });
    const first = host.lease();
    kind = 'turbo';
    host.lease().release();
    expect(workers).toHaveLength(1);
    first.release();
    host.lease();
    expect(workers.map(({ terminated }) => terminated)).toEqual([true, false]);
  });

  it('stays when somebody comes during the grace', () => {
    vi.useFakeTimers();
    const { workers, host } = doubles({ grace: 1000 });
    host.lease().release();
    vi.advanceTimersByTime(900);
    host.lease();
    vi.advanceTimersByTime(5000);
    expect(workers).toHaveLength(1);
    expect(workers[0]).toMatchObject({ terminated: false, kept: 'kept' });
  });

  it('rejects what is under way with the reason when it dies, and is replaced at the next use', async () => {
    const { workers, host } = doubles();
    const lease = host.lease();
    const answer = lease.engine.call('train', { run: 'a' });
    workers[0]!.die('The engine ran out of memory.');
    await expect(answer).rejects.toThrow('The engine ran out of memory.');
    await expect(lease.engine.call('train', { run: 'a' })).rejects.toThrow('The engine ran out of memory.');
    lease.release();
    host.lease();
    expect(workers).toHaveLength(2);
  });

  it('is ended when a cancellation gets neither an answer nor a sign of life', async () => {
    vi.useFakeTimers();
    const { workers, host } = doubles({ patience: 1000 });
    const lease = host.lease();
    const refusal = expect(lease.insist(lease.engine.call('stop', { run: 'a' }))).rejects.toThrow('did not answer and was ended');
    for (let i = 0; i < 3; i++) {
      workers[0]!.beats++;
      vi.advanceTimersByTime(1000);
    }
    expect(workers[0]!.terminated).toBe(false);
    vi.advanceTimersByTime(1000);
    expect(workers[0]!.terminated).toBe(true);
    await refusal;
  });
});
