import { join } from 'node:path';
import { benchmarkArchitecture, stepOperations } from '../../../src/training/benchmark';
import { pytorch, unroll, unrollTurbo } from '../measure/contenders';
import { interleave } from '../measure/interleave';
import { atLeast, figure, milliseconds, share, times, words, type Report } from '../measure/report';
import type { TextRequest } from '../programs/moby';
import { layerRequest, ratio } from './shapes';
import type { Settings, Table } from './table';

/** Real training end to end, against the bare step and against PyTorch. */
export const mobyTable: Table = { name: 'moby', run: async (settings) => [await measure(settings)] };

const shape = { units: 128, batch: 50, window: 50 };

async function measure({ effort, torch }: Settings): Promise<Report> {
  const request: TextRequest = { folder: join(__dirname, '../../media/templates/data'), file: 'moby-dick.txt', embedding: shape.units, ...shape };
  const bare = { ...unroll('step', 1), name: 'bare step, 1 thread' };
  const own = unroll('moby', 1);
  const threads = unroll('moby', 2);
  const turbo = await unrollTurbo('moby', 2);
  const theirs = torch && pytorch(torch, 'moby', 2);
  const bareRequest = layerRequest('lstm', shape);
  const real = [own, threads, turbo, theirs].filter((contender) => contender !== undefined);
  const trials = await interleave([{ request, contenders: real }, { request: bareRequest, contenders: [bare] }], effort);
  const measured = new Map(trials.flatMap((trial) => [...trial]));
  const secondsOf = (contender: { readonly name: string } | undefined): number | undefined => (contender ? measured.get(contender.name)?.seconds : undefined);

  const rows = shape.batch * shape.window;
  const bareOperations = stepOperations(benchmarkArchitecture(bareRequest), rows);
  const operations = (measured.get(own.name)?.answers[0] as { operations?: number } | undefined)?.operations;
  const rate = (done: number | undefined, seconds: number | undefined): number | undefined => (done !== undefined && seconds !== undefined ? done / seconds / 1e9 : undefined);
  const bareRate = rate(bareOperations, secondsOf(bare));
  const row = (name: string, seconds: number | undefined, done: number | undefined, goals: { readonly ofBare?: number; readonly againstTorch?: number } = {}): Report['rows'][number] => ({
    engine: words(name),
    step: milliseconds(seconds),
    'tokens/s': figure(seconds && rows / seconds, 0),
    'GFLOP/s': figure(rate(done, seconds), 1),
    'of the bare step’s rate': share(goals.ofBare === undefined ? undefined : ratio(rate(done, seconds), bareRate), goals.ofBare === undefined ? undefined : atLeast(goals.ofBare)),
    'against PyTorch, 2 threads each': times(goals.againstTorch === undefined ? undefined : ratio(secondsOf(theirs), seconds), goals.againstTorch === undefined ? undefined : atLeast(goals.againstTorch)),
  });
  return {
    title: `A character LSTM on Moby Dick, 1 × ${shape.units}, batch ${shape.batch}, window ${shape.window}`,
    rows: [
      row(bare.name, secondsOf(bare), bareOperations),
      row(own.name, secondsOf(own), operations, { ofBare: 0.85 }),
      row(threads.name, secondsOf(threads), operations),
      ...(turbo ? [row(turbo.name, secondsOf(turbo), operations, { againstTorch: 1 })] : []),
      ...(theirs ? [row(theirs.name, secondsOf(theirs), operations)] : []),
    ],
    notes: [`With embedding (${shape.units}), output layer, cross-entropy, Adam, clipping and the cutting of batches; the state is carried. The bare step is one layer on values.`],
  };
}
