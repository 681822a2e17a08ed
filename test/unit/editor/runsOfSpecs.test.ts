import { describe, expect, it, vi } from 'vitest';
import { RunsOfSpecs } from '../../../src/editor/runsOfSpecs';
import type { RunInfo } from '../../../src/shared/run';

const spec = '/m.rnn.json';
const run = (folder: string, over: Partial<RunInfo> = {}): RunInfo => ({ id: folder, folder, specPath: spec, name: 'm', state: 'done', step: 10, steps: 10, parameters: 1, startedAt: 1, checkpoints: [], ...over });

/** A source whose reading of folders ends when the test says so. */
function source() {
  let listener: (change: { info: RunInfo }) => void = () => undefined;
  let answer: (runs: RunInfo[]) => void = () => undefined;
  return {
    stopped: vi.fn(),
    list: () => new Promise<RunInfo[]>((resolve) => (answer = resolve)),
    onDidChange(next: typeof listener) {
      listener = next;
      return this.stopped;
    },
    tell: (info: RunInfo) => listener({ info }),
    answer: (runs: RunInfo[]) => answer(runs),
  };
}

describe('the runs of a spec', () => {
  it('are read once and kept up to date by what runs tell', async () => {
    const from = source();
    const changed = vi.fn();
    const runs = new RunsOfSpecs(from, changed);
    const refresh = runs.refresh(spec);
    from.answer([run('/a')]);
    await refresh;
    from.tell(run('/b', { state: 'running', startedAt: 2 }));
    expect(runs.of(spec).map(({ folder }) => folder)).toEqual(['/b', '/a']);
    from.tell(run('/b', { state: 'done', startedAt: 2 }));
    expect(runs.of(spec)[0]?.state).toBe('done');
    expect(changed).toHaveBeenCalledTimes(3);
  });

  it('keep what a run told while its folder was being read', async () => {
    const from = source();
    const runs = new RunsOfSpecs(from, () => undefined);
    const refresh = runs.refresh(spec);
    from.tell(run('/new', { state: 'running', step: 5, startedAt: 3 }));
    from.tell(run('/a', { step: 9 }));
    from.answer([run('/a', { step: 1 })]);
    await refresh;
    expect(runs.of(spec).map(({ folder, step }) => `${folder} ${step}`)).toEqual(['/new 5', '/a 9']);
  });

  it('forget runs whose folders are gone', async () => {
    const from = source();
    const runs = new RunsOfSpecs(from, () => undefined);
    from.tell(run('/a'));
    const refresh = runs.refresh(spec);
    from.answer([]);
    await refresh;
    expect(runs.of(spec)).toEqual([]);
  });

  it('stop listening with their owner', () => {
    const from = source();
    new RunsOfSpecs(from, () => undefined).dispose();
    expect(from.stopped).toHaveBeenCalled();
  });
});
