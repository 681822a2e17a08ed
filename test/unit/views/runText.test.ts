import { describe, expect, it } from 'vitest';
import { lossText, runLine, startText } from '../../../src/views/runText';
import { statusText } from '../../../src/views/statusModel';
import { doneRun } from './runInfo';

describe('a line about a run', () => {
  it('gives steps and validation loss when it is done', () => {
    expect(runLine(doneRun)).toBe('2,000 steps · validation 1.794');
  });

  it('gives progress, training loss and speed while it runs', () => {
    expect(runLine({ ...doneRun, state: 'running', step: 1200, tokensPerSecond: 171_234.4 })).toBe('step 1,200 of 2,000 · loss 1.815 · 171,234 tokens/s');
  });

  it('names how and where it ended when it did not finish', () => {
    expect(runLine({ ...doneRun, state: 'diverged', step: 31, loss: Number.NaN, validationLoss: undefined })).toBe('diverged at step 31 · loss not finite');
  });

  it('keeps three significant digits of small losses', () => {
    expect(lossText(0.001234)).toBe('0.00123');
    expect(lossText(0)).toBe('0.000');
  });

  it('gives the time of a run of today and the date of an older one', () => {
    expect(startText(doneRun.startedAt, Date.parse('2026-03-01T23:00:00'))).toBe('16:40');
    expect(startText(doneRun.startedAt, Date.parse('2026-03-02T01:00:00'))).toBe('1 Mar, 16:40');
  });
});

describe('the status bar', () => {
  it('shows the newest training and how many others there are', () => {
    const running = { ...doneRun, state: 'running' as const, step: 845 };
    expect(statusText([running, { ...running, name: 'other' }])).toBe('$(sync~spin) moby 42 % · loss 1.815 +1');
  });

  it('shows a training that has made no step yet', () => {
    expect(statusText([{ ...doneRun, state: 'running', step: 0, loss: undefined }])).toBe('$(sync~spin) moby 0 %');
  });

  it('is empty when nothing trains', () => {
    expect(statusText([])).toBe('');
  });
});
