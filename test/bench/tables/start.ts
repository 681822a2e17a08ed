import { programPath } from '../measure/contenders';
import { interleave, type Contender } from '../measure/interleave';
import { Program } from '../measure/program';
import { atMost, milliseconds, words, type Report } from '../measure/report';
import type { Settings, Table } from './table';

/** From the start of an engine to its first finished step. */
export const startTable: Table = { name: 'start', run: async (settings) => [await measure(settings)] };

async function measure({ effort }: Settings): Promise<Report> {
  const contenders = [contender('worker thread', 'worker'), contender('turbo, a process', 'turbo')];
  const measured = await interleave(contenders.map((each) => ({ request: {}, contenders: [each] })), { ...effort, rounds: 3 * effort.rounds });
  return {
    title: 'From starting the engine to the first finished step',
    rows: contenders.map(({ name }, index) => ({ engine: words(name), 'first step': milliseconds(measured[index]?.get(name)?.seconds, atMost(40)) })),
    notes: ['LSTM of 32 units on a made-up task, 8 sequences of 32: starting, loading, compiling, the data, the step, and the news of it at the host.'],
  };
}

function contender(name: string, kind: 'worker' | 'turbo'): Contender {
  return { name, computes: kind === 'turbo' ? 'elsewhere' : undefined, start: () => new Program(process.execPath, [programPath('start'), kind]) };
}
