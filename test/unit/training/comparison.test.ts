import { describe, expect, it } from 'vitest';
import type { ComparedModel } from '../../../src/shared/comparison';
import { flowByLag, reachOf, type FlowMatrix } from '../../../src/shared/flow';
import type { RunInfo } from '../../../src/shared/run';
import { specSchema } from '../../../src/spec/schema';
import { cellVerdict } from '../../../src/training/cellVerdict';
import { comparedModel, layersText, lossAt } from '../../../src/training/comparison';
import { smallSpec } from './support';

const info: RunInfo = { id: 'a', folder: '/runs/a', specPath: '/a.rnn.json', name: 'a', state: 'done', step: 1000, steps: 1000, parameters: 42, startedAt: 0, checkpoints: [1000] };

/** A run of `length` steps; step n has the loss of `loss` and takes the seconds of `seconds`. */
function compared(length: number, { loss = (n: number) => 4 / n, seconds = (n: number): number => 0.01 + 0 * n, validation = [] as { step: number; validationLoss: number }[] } = {}): ComparedModel {
  const column = (of: (n: number) => number): Float64Array => Float64Array.from({ length }, (_, i) => of(i + 1));
  const columns = { step: column((n) => n), loss: column(loss), gradNorm: column(() => 1), clipped: new Uint8Array(length), learningRate: column(() => 0.1), seconds: column(seconds), tokens: column(() => 50) };
  return comparedModel({ label: 'a', info: { ...info, step: length }, spec: smallSpec(), lossKind: 'tokens', columns, evaluations: validation });
}

describe('a compared model', () => {
  it('has its losses over steps and over the seconds that its updates took', () => {
    const { curve, seconds } = compared(4, { seconds: (n) => n / 10 });
    expect(curve.step).toEqual([1, 2, 3, 4]);
    expect(curve.seconds).toEqual([0.1, 0.3, 0.6, 1]);
    expect(curve.loss).toEqual([4, 2, 4 / 3, 1]);
    expect(seconds).toBe(1);
  });

  it('has at most 400 points, each the mean of the steps since the one before', () => {
    const { curve } = compared(1000, { loss: (n) => n });
    expect(curve.step).toHaveLength(334);
    expect([curve.step[0], curve.step.at(-1)]).toEqual([3, 1000]);
    expect([curve.loss[0], curve.loss.at(-1)]).toEqual([2, 1000]);
  });

  it('has the mean of its last steps as training loss, the newest validation loss and its bits', () => {
    const model = compared(1000, { loss: (n) => (n > 900 ? 2 : 9), validation: [{ step: 500, validationLoss: 3 }, { step: 1000, validationLoss: 2 * Math.LN2 }] });
    expect(model.loss).toBe(2);
    expect(model.validationLoss).toBe(2 * Math.LN2);
    expect(model.bitsPerToken).toBe(2);
    expect(model.evaluations[0]).toMatchObject({ step: 500, validationLoss: 3 });
    expect(model.evaluations[0]!.seconds).toBeCloseTo(5, 6);
  });

  it('is as fast as its median step, however late the first came', () => {
    expect(compared(9, { seconds: (n) => (n === 1 ? 60 : 0.01) }).tokensPerSecond).toBe(5000);
  });

  it('has no times where they were not recorded, and gaps where the loss is not finite', () => {
    const { curve, seconds } = compared(3, { seconds: () => NaN, loss: (n) => (n === 2 ? Infinity : 1) });
    expect(curve.seconds).toBeUndefined();
    expect(seconds).toBeUndefined();
    expect(curve.loss).toEqual([1, null, 1]);
    expect(JSON.parse(JSON.stringify(curve)).loss).toEqual([1, null, 1]);
  });

  it('tells its loss at a step or second, and nothing beyond', () => {
    const { curve } = compared(4, { seconds: () => 0.5 });
    expect([1, 2.5, 4, 5].map((step) => lossAt(curve, 'step', step))).toEqual([4, 2, 1, undefined]);
    expect(lossAt(curve, 'seconds', 1)).toBe(2);
  });

  it('names its layers', () => {
    expect(layersText(smallSpec())).toBe('LSTM 6 + GRU 5');
    expect(layersText(smallSpec({}, [{ cell: 'rnn', units: 7, repeat: 2 }, { cell: 'gru', units: 7, connection: 'residual' }]))).toBe('2 × RNN 7 + GRU 7 (residual)');
    const layers = [{ cell: 'lstm', units: 4 }];
    const translation = { version: 1, name: 't', task: { kind: 'translation', data: 'a.tsv', source: 'a', target: 'b', tokens: 'char' }, model: { encoder: { layers }, decoder: { layers } } };
    expect(layersText(specSchema.parse(translation))).toBe('LSTM 4 → LSTM 4');
  });
});

describe('flow by lag', () => {
  it('is the mean along each diagonal', () => {
    const flow: FlowMatrix = { losses: 'every-step', rows: 3, columns: 3, data: [4, 9, 9, 2, 6, 9, 1, 4, 2] };
    expect([...flowByLag(flow, 'forward')]).toEqual([4, 3, 1]);
  });

  it('starts at the last step when the loss is taken once', () => {
    expect([...flowByLag({ losses: 'last-step', rows: 1, columns: 3, data: [1, 2, 3] }, 'forward')]).toEqual([3, 2, 1]);
  });

  it('leaves out positions without a loss', () => {
    expect([...flowByLag({ losses: 'every-step', rows: 2, columns: 3, data: [4, 9, 9, 2, 6, 9] }, 'forward')]).toEqual([5, 2]);
  });

  it('reaches as far as one percent arrives', () => {
    expect(reachOf([1, 0.5, 0.009, 0.01, 0.0099])).toBe(3);
    expect(reachOf([0, 0])).toBe(0);
    expect(reachOf([1, 0.001])).toBe(0);
  });
});

describe('the verdict on cells', () => {
  const model = (cell: 'lstm' | 'gru' | 'rnn', validationLoss: number | undefined, tokensPerSecond: number, more: Partial<ComparedModel> = {}): ComparedModel => ({ ...compared(10), cell, validationLoss, tokensPerSecond, ...more });
  const verdict = (lstm: number, gru: number, rnn: number, speeds = [100, 100, 300]): string => cellVerdict([model('lstm', lstm, speeds[0]!), model('gru', gru, speeds[1]!), model('rnn', rnn, speeds[2]!)]);

  it('finds the rule of thumb confirmed where the LSTM is ahead and the GRU faster', () => {
    expect(verdict(1.5, 1.7, 2, [100, 130, 300])).toBe(
      'After 10 steps with one seed, the LSTM is ahead of the GRU, as the rule of thumb (LSTM by default) says (validation loss LSTM 1.500, GRU 1.700, vanilla RNN 2.000); the GRU trained 1.30 times as fast as the LSTM, which speaks for it where speed counts.',
    );
  });

  it('does not claim what the numbers do not carry', () => {
    expect(verdict(1.5, 1.51, 2)).toContain('LSTM and GRU are too close to tell apart (');
    expect(verdict(1.5, 1.51, 1.52)).toContain('too close to tell apart and so is the vanilla RNN');
    expect(verdict(1.7, 1.5, 2)).toContain('the GRU is ahead of the LSTM, so the rule of thumb (LSTM by default) is not borne out');
    expect(verdict(1.7, 1.6, 1.2)).toContain('the vanilla RNN is ahead of both');
    expect(verdict(1.5, 1.7, 2, [100, 102, 300])).toContain('trained equally fast, so speed does not speak for the GRU');
    expect(verdict(1.5, 1.7, 2, [100, 60, 300])).toContain('at only 0.60 times');
  });

  it('names cells that diverged, and weighs training losses where nothing was held out', () => {
    const diverged = [model('lstm', 1.5, 100), model('gru', 1.7, 100), model('rnn', undefined, 100, { state: 'diverged' })];
    expect(cellVerdict(diverged)).toContain('(validation loss LSTM 1.500, GRU 1.700; the vanilla RNN diverged)');
    const unheld = [model('lstm', undefined, 100, { loss: 1 }), model('gru', undefined, 100, { loss: 2 })];
    expect(cellVerdict(unheld)).toContain('(training loss LSTM 1.000, GRU 2.000)');
  });

  it('weighs nothing without an LSTM and a GRU', () => {
    expect(cellVerdict([model('lstm', 1.5, 100), model('gru', undefined, 100, { state: 'diverged' })])).toBe('The rule of thumb (LSTM by default, GRU where speed counts) cannot be weighed here (the GRU diverged).');
  });
});
