import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { knownFlags } from '../../../src/engineHost/turboFlags';
import { makeModel, unroll } from './models';
import { workers } from './workers';

/** Where engine settings are kept. */
const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('unroll');

describe('turbo', () => {
  afterEach(() => settings().update('engine.turbo', undefined, vscode.ConfigurationTarget.Global));

  it('trains in a process of its own from the next training on, and lowers the loss', async () => {
    const api = await unroll();
    await api.train(makeModel('before-turbo'), { steps: 5 });
    await settings().update('engine.turbo', true, vscode.ConfigurationTarget.Global);
    const before = workers.length;
    const run = await api.train(makeModel('turbo'));
    assert.equal(run.state, 'done', run.reason);
    assert.ok(run.loss !== undefined && run.loss < 2.5, `loss ${run.loss}`);
    // Where V8 has no flag that helps, it is the worker after all.
    assert.equal(workers.length - before, (await knownFlags()).length > 0 ? 0 : 1);
  });

  it('is left for the worker thread when it is switched off', async () => {
    const api = await unroll();
    await settings().update('engine.turbo', true, vscode.ConfigurationTarget.Global);
    await api.train(makeModel('turbo-on'), { steps: 5 });
    await settings().update('engine.turbo', false, vscode.ConfigurationTarget.Global);
    const before = workers.length;
    const run = await api.train(makeModel('turbo-off'), { steps: 5 });
    assert.equal(run.state, 'done', run.reason);
    assert.equal(workers.length - before, 1);
  });
});
