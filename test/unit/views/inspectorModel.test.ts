import { describe, expect, it } from 'vitest';
import type { SampleTrace } from '../../../src/shared/run';
import { contentSecurityPolicy, panelHtml } from '../../../src/views/panelHtml';
import { HeldTraces, inspectorState, sendableRun } from '../../../src/views/inspectorModel';
import { doneRun } from './runInfo';

const trace = (step: number): SampleTrace => ({
  step,
  sample: { choice: { kind: 'text', text: 'ab' }, sentence: 'A typed text.' },
  tokens: ['a', 'b'],
  answer: 'next',
  targets: ['b', ''],
  losses: [0.5, null],
  predictions: [],
  tensors: new Map([['layer0.forward.h', { dtype: 'F32', shape: [2, 1, 2], data: Float32Array.of(1, 2, 3, 4) }]]),
  layers: [],
  milliseconds: 1,
});

const holder = (most: number): HeldTraces => {
  let name = 0;
  return new HeldTraces(most, () => ++name);
};

const row = { of: 'rows', name: 'layer0.forward.h', first: 1, count: 1 } as const;

describe('what is sent to the page', () => {
  it('holds no number that JSON would turn into null', () => {
    expect(JSON.parse(JSON.stringify(sendableRun({ ...doneRun, loss: Number.NaN, gradNorm: Infinity })))).not.toHaveProperty('loss');
  });
});

describe('held traces', () => {
  it('are described by name and shape, and seen in parts that have a buffer of their own', () => {
    const held = holder(3);
    const summary = held.hold(trace(5));
    expect(summary).toMatchObject({ step: 5, tensors: [{ name: 'layer0.forward.h', shape: [2, 1, 2] }] });
    const { dtype, shape, data } = held.view(summary.trace, row);
    expect([dtype, shape, [...new Float32Array(data)]]).toEqual(['F32', [1, 2], [3, 4]]);
    expect(() => held.view(summary.trace, { ...row, name: 'layer9.forward.h' })).toThrow('no tensor layer9.forward.h');
  });

  it('give way to newer ones', () => {
    const held = holder(2);
    const [first, , third] = [1, 2, 3].map((step) => held.hold(trace(step)));
    expect(() => held.view(first!.trace, row)).toThrow('no longer held');
    expect(held.view(third!.trace, row)).toBeDefined();
  });
});

describe('the state of a spec', () => {
  const text = '{ "version": 1, "name": "moby", "task": { "kind": "language-model", "data": "m.txt", "tokens": "char" }, "model": { "layers": [{ "cell": "gru", "units": 4 }] }, "training": { "optimizer": { "kind": "adam", "learningRate": 0.01 }, "batch": 2, "window": 8, "steps": 10 }, "inspect": { "text": "Call me" } }';

  it('names the task and the sample', () => {
    expect(inspectorState('/models/moby.rnn.json', text, [doneRun])).toMatchObject({ name: 'moby', task: 'language-model', sample: 'Call me', runs: [{ id: doneRun.id }] });
  });

  it('tells what is wrong with a spec without runs, and keeps the runs of one that is being edited', () => {
    expect(inspectorState('/models/moby.rnn.json', '{', []).problem).toBeDefined();
    expect(inspectorState('/models/moby.rnn.json', '{', [doneRun])).toMatchObject({ name: 'moby', runs: [{ id: doneRun.id }] });
    expect(inspectorState('/models/moby.rnn.json', '{', [doneRun]).problem).toBeUndefined();
    expect(inspectorState('/models/moby.rnn.json', undefined, []).problem).toContain('moby.rnn.json is not there');
  });
});

describe('the page', () => {
  it('allows its own script and style only, by nonce and by source', () => {
    const policy = contentSecurityPolicy({ cspSource: 'https://own', nonce: 'N' });
    expect(policy).toBe("default-src 'none'; script-src 'nonce-N'; style-src https://own 'nonce-N'; font-src https://own");
    const html = panelHtml('inspector', { script: 's.js', style: 's.css', cspSource: 'https://own', nonce: 'N' });
    expect(html).toContain('<meta property="csp-nonce" content="N">');
    expect(html).not.toMatch(/ style=|unsafe-inline|<style/);
  });
});
