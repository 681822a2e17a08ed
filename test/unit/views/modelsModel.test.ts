import { describe, expect, it } from 'vitest';
import { childrenOf, lookOf, withRun, type ModelEntry, type ModelsNode } from '../../../src/views/modelsModel';
import { doneRun } from './runInfo';

const now = Date.parse('2026-03-01T20:00:00');
const entry: ModelEntry = { specPath: '/models/moby.rnn.json', relativePath: 'moby.rnn.json', errors: 0, runs: [doneRun] };
const model = (change: Partial<ModelEntry> = {}): ModelsNode => ({ kind: 'model', entry: { ...entry, ...change } });

describe('a model in the tree', () => {
  it('counts its runs and names the best validation loss', () => {
    const worse = { ...doneRun, folder: '/other', validationLoss: 2.5 };
    const look = lookOf(model({ runs: [worse, doneRun] }), now);
    expect(look).toMatchObject({ label: 'moby.rnn.json', description: '2 runs', children: 'expanded' });
    expect(look.tooltip).toContain('Best validation loss 1.794');
  });

  it('says that it was not run, and in which folder it lies', () => {
    expect(lookOf(model({ relativePath: 'books/sea/moby.rnn.json', runs: [] }), now)).toMatchObject({ label: 'moby.rnn.json', description: 'not run · books/sea', children: 'none' });
  });

  it('counts problems in place of runs', () => {
    expect(lookOf(model({ errors: 2 }), now)).toMatchObject({ description: '2 problems', icon: 'error' });
    expect(lookOf(model({ errors: 1 }), now).description).toBe('1 problem');
  });

  it('offers Stop in place of Train while a run of it trains', () => {
    expect(lookOf(model(), now).context).toBe('model');
    expect(lookOf(model({ runs: [{ ...doneRun, state: 'running' }] }), now).context).toBe('model.training');
  });

  it('gets a new identity with its first run, so that it opens', () => {
    expect(lookOf(model({ runs: [] }), now).id).not.toBe(lookOf(model(), now).id);
  });

  it('does not take a loss that is not finite for the best', () => {
    expect(lookOf(model({ runs: [{ ...doneRun, validationLoss: Number.NaN }] }), now).tooltip).not.toContain('Best');
  });
});

describe('a run in the tree', () => {
  it('carries its state in the icon and for the menus', () => {
    for (const [state, icon] of [['done', 'pass'], ['running', 'sync~spin'], ['failed', 'error'], ['diverged', 'warning'], ['stopped', 'debug-pause'], ['interrupted', 'debug-disconnect']] as const) {
      expect(lookOf({ kind: 'run', run: { ...doneRun, state } }, now)).toMatchObject({ icon, context: `run.${state}` });
    }
  });

  it('tells a screen reader when it started and how it stands', () => {
    expect(lookOf({ kind: 'run', run: doneRun }, now).accessibleName).toBe('Run started 16:40, 2,000 steps · validation 1.794');
  });

  it('gives the reason of a failure in its tooltip', () => {
    expect(lookOf({ kind: 'run', run: { ...doneRun, state: 'failed', reason: 'The disk is full.' } }, now).tooltip).toContain('The disk is full.');
  });
});

describe('the rows of the tree', () => {
  it('name runs of an edit that was tried beside those of the model', () => {
    const tried = { ...doneRun, folder: '/tried', name: `${doneRun.name}-with-edit` };
    const described = (runs: ModelEntry['runs']) => childrenOf([], model({ runs })).map((row) => lookOf(row, now).description);
    expect(described([tried, doneRun])).toEqual([`${doneRun.name}-with-edit · 2,000 steps · validation 1.794`, `${doneRun.name} · 2,000 steps · validation 1.794`]);
    expect(described([doneRun, doneRun])).toEqual(['2,000 steps · validation 1.794', '2,000 steps · validation 1.794']);
  });

  it('sorts models by path and keeps runs as they come, newest first', () => {
    const entries = [{ ...entry, relativePath: 'b.rnn.json' }, { ...entry, relativePath: 'a.rnn.json' }];
    const rows = childrenOf(entries);
    expect(rows.map((row) => row.kind === 'model' && row.entry.relativePath)).toEqual(['a.rnn.json', 'b.rnn.json']);
    expect(childrenOf(entries, rows[0])).toEqual([{ kind: 'run', run: doneRun }]);
    expect(childrenOf(entries, { kind: 'run', run: doneRun })).toEqual([]);
  });

  it('puts a change in the place of its run, and a new run first', () => {
    const moved = { ...doneRun, step: 5 };
    expect(withRun([entry], moved)[0]!.runs).toEqual([moved]);
    const fresh = { ...doneRun, folder: '/models/.unroll/moby/new' };
    expect(withRun([entry], fresh)[0]!.runs).toEqual([fresh, doneRun]);
    expect(withRun([entry], { ...fresh, specPath: '/elsewhere.rnn.json' })).toEqual([entry]);
  });
});
