import { describe, expect, it } from 'vitest';
import { connect, type Transport } from '../../../src/shared/rpc';
import type { LiveHostService, LiveViewService } from '../../../src/shared/liveProtocol';
import type { RunInfo } from '../../../src/shared/run';
import { CurveFollower } from '../../../src/views/curveFollower';
import { LiveSession, type LiveRuns } from '../../../src/views/liveService';
import { workshop } from '../runs/support';

const shop = workshop();

/** Two ends of a pipe in one process. */
function pipe(): [Transport, Transport] {
  const ends = [new Set<(message: unknown) => void>(), new Set<(message: unknown) => void>()] as const;
  const end = (own: 0 | 1): Transport => ({
    post: (message) => queueMicrotask(() => ends[1 - own]!.forEach((receive) => receive(message))),
    listen(receive) {
      ends[own].add(receive);
      return () => ends[own].delete(receive);
    },
  });
  return [end(0), end(1)];
}

/** A page of the view, by its protocol. */
function open(runs: LiveRuns, newest?: RunInfo) {
  const [near, far] = pipe();
  const shown: RunInfo[] = [];
  let news = 0;
  const session = new LiveSession(runs, { newestRun: async () => newest, copy: async () => undefined, newModel: async () => undefined, shows: (run) => void shown.push(run) }, near);
  const view: LiveViewService = { changed: () => void news++ };
  const host = connect<LiveHostService>(far, view);
  return { session, host, shown, news: () => news };
}

describe('the Live view', () => {
  it('follows a training to its end, with the same curve as is stored', async () => {
    const runs = shop.runs();
    const live = open(runs);
    const training = await runs.train(shop.writeSpec({ training: { steps: 60, evaluateEvery: 20 } }));
    let entries = 0;
    while (entries < 60) {
      const { run } = await live.host.call('state', null);
      const part = await live.host.call('metrics', { run: run?.folder ?? training.info.folder, from: entries });
      entries += new Float64Array(part.step).length;
    }
    const ended = await training.finished;
    const { run, lossUnit, tokenWord, writes } = await live.host.call('state', null);
    expect(run).toMatchObject({ folder: ended.folder, state: 'done', step: 60 });
    expect({ lossUnit, tokenWord, writes }).toEqual({ lossUnit: 'nats a character', tokenWord: 'characters', writes: true });
    const whole = await live.host.call('metrics', { run: ended.folder, from: 0 });
    const stored = await runs.metrics(ended.folder);
    expect([...new Float64Array(whole.loss)]).toEqual([...stored.columns.loss]);
    expect(whole.evaluations).toEqual(stored.evaluations);
    await expect.poll(live.news).toBeGreaterThan(0);
    expect(live.shown.at(-1)?.state).toBe('done');
    live.session.dispose();
  });

  it('lets a stored step write the same sample each time', async () => {
    const runs = shop.runs();
    const { folder, checkpoints } = await (await runs.train(shop.writeSpec({ inspect: { text: 'call me ishmael' } }))).finished;
    const live = open(runs);
    const ask = () => live.host.call('sample', { run: folder, step: checkpoints.at(-1)! });
    const sample = await ask();
    expect(sample).toMatchObject({ prompt: 'call me', step: 30, how: 'temperature 0.6' });
    expect([...sample.text]).toHaveLength(160);
    expect(await ask()).toEqual(sample);
    live.session.dispose();
  });

  it('opens on the newest run of the workspace, and on nothing where there is none', async () => {
    const runs = shop.runs();
    const ended = await (await runs.train(shop.writeSpec())).finished;
    expect((await open(runs, ended).host.call('state', null)).run?.folder).toBe(ended.folder);
    expect((await open(runs).host.call('state', null)).run).toBeUndefined();
  });
});

describe('a followed curve', () => {
  it('is read once, however often it is asked for while the run goes on', async () => {
    const runs = shop.runs();
    let read = 0;
    const counted = { metrics: (run: string) => (read++, runs.metrics(run)), onDidChange: runs.onDidChange.bind(runs) };
    const curves = new CurveFollower(counted);
    const training = await runs.train(shop.writeSpec({ training: { steps: 80 } }));
    await curves.of(training.info.folder);
    const { folder } = await training.finished;
    expect((await curves.of(folder)).columns.step).toHaveLength(80);
    expect(read).toBe(1);
  });

  it('is asked for again after it could not be read', async () => {
    const runs = shop.runs();
    const curves = new CurveFollower(runs);
    await expect(curves.of('/nowhere')).rejects.toThrow();
    const { folder } = await (await runs.train(shop.writeSpec())).finished;
    expect((await curves.of(folder)).columns.step).toHaveLength(30);
  });
});
