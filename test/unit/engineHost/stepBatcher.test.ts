import { describe, expect, it } from 'vitest';
import { StepBatcher } from '../../../src/engineHost/stepBatcher';
import type { MetricsColumns } from '../../../src/shared/run';
import type { StepResult } from '../../../src/training/trainingSession';

const result = (step: number): StepResult => ({ step, loss: step / 10, gradNorm: 1, clipped: step % 2 === 0, learningRate: 0.1, tokens: 20, clipping: { normBefore: 1, normAfter: 1, engaged: false, largest: { parameter: 'output.bias', share: 0.5 } } });

describe('steps on their way to the host', () => {
  it('are gathered to at most ten messages a second, in order and without a gap, but for the first, which nobody waits for', () => {
    let now = 0;
    const sent: MetricsColumns[] = [];
    const batcher = new StepBatcher((columns) => sent.push(columns), () => now);
    for (let step = 1; step <= 5000; step++) {
      now += 0.4;
      batcher.add(result(step), 50_000, 0.0004);
    }
    batcher.flush();
    expect(sent.length).toBeLessThanOrEqual(22);
    expect(sent.flatMap(({ step }) => [...step])).toEqual(Array.from({ length: 5000 }, (_, i) => i + 1));
    expect([...sent[0]!.step]).toEqual([1]);
    expect([...sent[1]!.clipped.slice(0, 4)]).toEqual([1, 0, 1, 0]);
  });

  it('go one by one when they are slow, and nothing is sent when there is none', () => {
    let now = 0;
    const sent: number[][] = [];
    const batcher = new StepBatcher(({ step }) => sent.push([...step]), () => now);
    batcher.flush();
    for (const step of [1, 2]) {
      now += 500;
      batcher.add(result(step), 40, 0.5);
    }
    batcher.flush();
    expect(sent).toEqual([[1], [2]]);
  });
});
