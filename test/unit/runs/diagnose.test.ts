import { describe, expect, it } from 'vitest';
import type { DiagnosisProgress } from '../../../src/shared/diagnosis';
import { workshop } from './support';

const shop = workshop();

// A diagnosis takes a second or two, on a busy machine several.
describe('diagnosing through the worker', { timeout: 60_000 }, () => {
  const recall = () => shop.writeSpec({ task: { kind: 'synthetic', problem: 'recall', length: 24, lag: 12, data: undefined, tokens: undefined }, layers: [{ cell: 'rnn', units: 8 }] });

  it('tells how far it is, ever further, and ends with the verdict', async () => {
    const seen: DiagnosisProgress[] = [];
    const diagnosis = await shop.runs().diagnose({ specPath: recall(), onProgress: (progress) => seen.push(progress) });
    expect(diagnosis).toMatchObject({ verdict: 'cannot-carry', wantedLag: 12, trueLag: 12 });
    expect(new Set(seen.map(({ stage }) => stage))).toEqual(new Set(['data', 'carry', 'answers', 'use', 'demand', 'verdict']));
    const shares = seen.map(({ done }) => done);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBeLessThanOrEqual(1);
  });

  it.each(['carry', 'answers', 'demand'] as const)('can be cancelled at the stage "%s", and the worker goes on working', async (stage) => {
    const runs = shop.runs();
    const specPath = recall();
    const cancel = new AbortController();
    const later: string[] = [];
    const work = runs.diagnose({ specPath, signal: cancel.signal, onProgress: (progress) => {
      if (cancel.signal.aborted) later.push(progress.stage);
      if (progress.stage === stage) cancel.abort();
    } });
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    expect(later).not.toContain('verdict');
    await expect(runs.diagnose({ specPath })).resolves.toMatchObject({ verdict: 'cannot-carry' });
  });
});
