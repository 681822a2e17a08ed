import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/runs/api';
import { formatEvent, readMetrics } from '../../../src/runs/metricsFile';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'unroll-metrics-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const step = { event: 'step', step: 1, loss: 2, gradNorm: 6, clipped: true, learningRate: 0.1, tokensPerSecond: 9 } as const;

async function read(...events: RunEvent[]) {
  const path = join(folder, 'metrics.jsonl');
  writeFileSync(path, events.map(formatEvent).join(''));
  return (await readMetrics(path)).columns;
}

describe('readMetrics', () => {
  it('gives what clipping did, step by step', async () => {
    const columns = await read(
      { ...step, normAfter: 5, largestParameter: 'output.weight', largestShare: 0.75, clipAngle: 12 },
      { ...step, step: 2, clipped: false, normAfter: 6, largestParameter: 'output.bias', largestShare: 0.5 },
    );
    expect(columns.normAfter).toEqual(Float64Array.of(5, 6));
    expect(columns.largestParameter).toEqual(['output.weight', 'output.bias']);
    expect(columns.largestShare).toEqual(Float64Array.of(0.75, 0.5));
    expect(columns.clipAngle).toEqual(Float64Array.of(12, NaN));
  });

  it('opens runs from before clipping was measured', async () => {
    const columns = await read(step, { ...step, step: 2 });
    expect(columns.gradNorm).toEqual(Float64Array.of(6, 6));
    expect(columns.normAfter).toEqual(Float64Array.of(NaN, NaN));
    expect(columns.largestParameter).toEqual(['', '']);
    expect(columns.clipAngle).toEqual(Float64Array.of(NaN, NaN));
  });
});
