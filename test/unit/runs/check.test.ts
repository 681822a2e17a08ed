import { describe, expect, it } from 'vitest';
import { SpecProblemsError } from '../../../src/runs/api';
import { workshop } from './support';

const shop = workshop();

describe('checking gradients through the worker', { timeout: 60_000 }, () => {
  const adding = (units: number) => shop.writeSpec({ task: { kind: 'synthetic', problem: 'adding', length: 12, data: undefined, tokens: undefined }, layers: [{ cell: 'gru', units }] });

  it('tells how far it is, and finds every parameter right', async () => {
    const seen: number[] = [];
    const { worstRelativeError, parameters } = await shop.runs().check(adding(6), { onProgress: (done) => seen.push(done) });
    expect(worstRelativeError).toBeLessThan(1e-6);
    expect(parameters.map(({ name }) => name)).toEqual(['layers.0.weight_ih_l0', 'layers.0.weight_hh_l0', 'layers.0.bias_ih_l0', 'layers.0.bias_hh_l0', 'output.weight', 'output.bias']);
    expect(seen).toEqual(parameters.map((_, index) => (index + 1) / parameters.length));
  });

  it('can be cancelled in the middle, and the worker goes on working', async () => {
    const runs = shop.runs();
    const cancel = new AbortController();
    const seen: number[] = [];
    const work = runs.check(adding(48), { signal: cancel.signal, onProgress: (done) => {
      seen.push(done);
      cancel.abort();
    } });
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen.at(-1)).toBeLessThan(1);
    expect((await runs.check(adding(4))).worstRelativeError).toBeLessThan(1e-6);
  });

  it('says what is wrong with the spec, and needs a trusted workspace', async () => {
    await expect(shop.runs().check(shop.writeSpec({ task: { data: 'nowhere.txt' } }))).rejects.toBeInstanceOf(SpecProblemsError);
    await expect(shop.runs({ data: () => 'restricted' }).check(adding(4))).rejects.toMatchObject({ code: 'restricted' });
  });
});

describe('diagnosing a spec', { timeout: 60_000 }, () => {
  it('takes its own newest run before one of an edit that was tried under another name', async () => {
    const runs = shop.runs();
    const given = { task: { kind: 'synthetic', problem: 'recall', length: 24, lag: 12, data: undefined, tokens: undefined }, layers: [{ cell: 'rnn', units: 8 }] };
    const specPath = shop.writeSpec({ ...given, training: { steps: 3 } });
    await (await runs.train(specPath)).finished;
    shop.writeSpec({ ...given, training: { steps: 7 }, name: 'small-with-edit' });
    await (await runs.train(specPath)).finished;
    shop.writeSpec({ ...given, training: { steps: 3 } });
    expect((await runs.diagnose({ specPath })).training.step).toBe(3);
  });
});
