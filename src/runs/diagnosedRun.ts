import { join } from 'node:path';
import type { DiagnoseRequest } from '../engineHost/diagnosis';
import { metricsFile } from './folder';
import { readMetrics } from './metricsFile';
import { readRecord } from './record';
import { savedSpec } from './savedModel';
import { triedEdits } from './triedEdits';

/** What a diagnosis needs to know of a run besides its weights, up to those of `step`. Throws a RunError. */
export async function diagnosedRun(run: string, step: number): Promise<Pick<DiagnoseRequest, 'spec' | 'history' | 'diverged' | 'tried'>> {
  const [record, { spec }, { columns }, tried] = await Promise.all([readRecord(run), savedSpec(run), readMetrics(join(run, metricsFile)), triedEdits(run)]);
  const count = columns.step.filter((own) => own <= step).length;
  return {
    // Data and first weights are those of the seed that the run was started with.
    spec: { ...spec, training: { ...spec.training, seed: record.seed } },
    history: { step: columns.step.slice(0, count), loss: columns.loss.slice(0, count), gradNorm: columns.gradNorm.slice(0, count), clipped: columns.clipped.slice(0, count) },
    diverged: record.state === 'diverged',
    tried,
  };
}
