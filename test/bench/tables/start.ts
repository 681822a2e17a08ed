import { unroll } from '../measure/contenders';
import { interleave } from '../measure/interleave';
import { atMost, milliseconds, words, type Report } from '../measure/report';
import type { Settings, Table } from './table';

/** From the start of an engine to its first finished step. */
export const startTable: Table = { name: 'start', run: async (settings) => [await measure(settings)] };

async function measure({ effort }: Settings): Promise<Report> {
  const worker = { ...unroll('start', 1), name: 'worker thread' };
  const [measured] = await interleave([{ request: {}, contenders: [worker] }], { ...effort, rounds: 3 * effort.rounds });
  return {
    title: 'From starting the engine to the first finished step',
    rows: [{ engine: words(worker.name), 'first step': milliseconds(measured?.get(worker.name)?.seconds, atMost(40)) }],
    notes: ['LSTM of 32 units on a made-up task, 8 sequences of 32: starting, loading, compiling, the data, the step, and the news of it at the host.'],
  };
}
