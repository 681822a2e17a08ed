import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { RunComparer } from '../../../src/runs/compare';
import { finishedRun } from '../../../src/runs/finishedRun';
import { workshop } from './support';

// Each test starts the real worker, on machines that may have other things to do.
vi.setConfig({ testTimeout: 60_000 });

const shop = workshop();
const layers = [{ cell: 'gru', units: 8 }];

describe('runs side by side', () => {
  it('have curves, speed, losses and, on the same text, the gradient by lag', async () => {
    const runs = shop.runs();
    const lstm = await (await runs.train(shop.spec)).finished;
    const gru = await (await runs.train(shop.writeSpec({ layers, name: 'gru', inspect: { text: 'something else' } }, 'gru.rnn.json'))).finished;
    const { models, text } = await new RunComparer(runs).compare({ runs: [gru.folder, lstm.folder] });
    expect(text).toBe('something else');
    expect(models.map(({ label, layers: of, parameters, steps, state }) => [label, of, parameters, steps, state])).toEqual([
      ['gru', 'GRU 8', gru.parameters, 30, 'done'],
      ['small', 'LSTM 8', lstm.parameters, 30, 'done'],
    ]);
    for (const model of models) {
      expect(model.curve.step).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
      expect(model.curve.seconds!.every((second, i, all) => second > (all[i - 1] ?? 0))).toBe(true);
      expect(model.curve.loss[0]).toBeGreaterThan(model.loss!);
      expect(model.tokensPerSecond).toBeGreaterThan(0);
      expect(model.validationLoss! / Math.LN2).toBeCloseTo(model.bitsPerToken!, 12);
      expect(model.evaluations.at(-1)!.seconds).toBe(model.seconds);
      expect(model.lags).toHaveLength('something else'.length - 1);
      expect(model.lags!.every((value) => value > 0)).toBe(true);
      expect(model.reach).toBeGreaterThan(0);
    }
  });

  it('say why there is no gradient by lag, and compare the rest', async () => {
    const runs = shop.runs();
    const { folder } = await (await runs.train(shop.spec)).finished;
    const { models } = await new RunComparer(runs).compare({ runs: [folder, folder], text: 'ÄÖÜ' });
    expect(models[0]!.noLags).toContain('"Ä"');
    expect(models[0]!.validationLoss).toBeGreaterThan(0);
    expect(models.map(({ label }) => label)).toEqual([expect.stringMatching(/^small \d{8}-\d{6}/), expect.anything()]);
  });

  it('ask the engine once for each run and text', async () => {
    const runs = shop.runs();
    const { folder } = await (await runs.train(shop.spec)).finished;
    const trace = vi.spyOn(runs, 'trace');
    const comparer = new RunComparer(runs);
    await comparer.compare({ runs: [folder] });
    await comparer.compare({ runs: [folder] });
    expect(trace).toHaveBeenCalledTimes(1);
    await comparer.compare({ runs: [folder], text: 'call me' });
    expect(trace).toHaveBeenCalledTimes(2);
  });
});

describe('a finished run', () => {
  it('answers for a training that would only repeat it', async () => {
    const runs = shop.runs();
    const { folder } = await (await runs.train(shop.spec, { steps: 6 })).finished;
    const text = readFileSync(shop.spec, 'utf8');
    expect((await finishedRun(runs, shop.spec, text, { steps: 6 }))?.folder).toBe(folder);
    expect((await finishedRun(runs, shop.spec, text.replace('"steps": 30', '"steps": 6')))?.folder).toBe(folder);
    expect((await finishedRun(runs, shop.spec, text.replace('// A comment', '// Another comment').replace('"small"', '"renamed"'), { steps: 6 }))?.folder).toBe(folder);
  });

  it('does not answer for other steps, seeds, layers, data or an unfinished training', async () => {
    const runs = shop.runs();
    await (await runs.train(shop.spec, { steps: 6 })).finished;
    const text = readFileSync(shop.spec, 'utf8');
    const found = [
      await finishedRun(runs, shop.spec, text),
      await finishedRun(runs, shop.spec, text, { steps: 7 }),
      await finishedRun(runs, shop.spec, text, { steps: 6, seed: 2 }),
      await finishedRun(runs, shop.spec, text.replace('"units": 8', '"units": 9'), { steps: 6 }),
      await finishedRun(runs, shop.spec, text.replace('text.txt', 'other.txt'), { steps: 6 }),
      await finishedRun(runs, shop.spec, '{', { steps: 6 }),
    ];
    expect(found).toEqual(found.map(() => undefined));
    const training = await runs.train(shop.writeSpec({ training: { steps: 100_000 } }, 'long.rnn.json'));
    await training.stop();
    expect(await finishedRun(runs, training.info.specPath, readFileSync(training.info.specPath, 'utf8'))).toBeUndefined();
  });
});
