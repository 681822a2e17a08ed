import { unroll, unrollTurbo } from '../measure/contenders';
import { interleave } from '../measure/interleave';
import { atMost, milliseconds, words, type Goal, type Report } from '../measure/report';
import type { Settings, Table } from './table';

/** A trace with the full flow matrix. */
export const traceTable: Table = { name: 'trace', run: async (settings) => [await measure(settings)] };

async function measure({ effort }: Settings): Promise<Report> {
  const goals: readonly (Goal | undefined)[] = [atMost(160), atMost(100), undefined, undefined];
  const contenders = [unroll('trace', 1), unroll('trace', 2), await unrollTurbo('trace', 1), await unrollTurbo('trace', 2)];
  const there = contenders.filter((contender) => contender !== undefined);
  // The first two turns of a process also compile and touch its memory for the first time.
  const [measured] = await interleave([{ request: {}, contenders: there }], { ...effort, rounds: effort.rounds + 2 });
  const rows = contenders.flatMap((contender, index) => (contender ? [{ engine: words(contender.name), trace: milliseconds(measured?.get(contender.name)?.seconds, goals[index]) }] : []));
  return { title: 'A trace with every gate, state and gradient and the full flow matrix', rows, notes: ['2 × 128 LSTM, T = 200, one sequence, 87 kinds of token, embedding 64.'] };
}
