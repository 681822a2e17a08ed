import type { BenchmarkNetwork } from '../../../src/training/benchmark';
import { atLeast, figure, milliseconds, share, words, type Report } from '../measure/report';
import { measureRates } from './rates';
import type { Settings, Table } from './table';

/** Stacks and connections, against the rate of a single layer of the same size. */
export const stacksTable: Table = { name: 'stacks', run: async (settings) => [await measure(settings)] };

const [units, batch, window] = [128, 32, 64];
const cell = 'lstm';

const stacks: readonly { readonly name: string; readonly layer: Partial<BenchmarkNetwork['layers'][number]> }[] = [
  { name: 'one layer', layer: {} },
  { name: '2 layers', layer: { repeat: 2 } },
  { name: '4 layers', layer: { repeat: 4 } },
  { name: 'bidirectional', layer: { bidirectional: true } },
  { name: '2 layers, bidirectional', layer: { bidirectional: true, repeat: 2 } },
  { name: '3 layers, residual', layer: { connection: 'residual', repeat: 3 } },
  { name: '3 layers, dense', layer: { connection: 'dense', repeat: 3 } },
  { name: '3 layers, highway', layer: { connection: 'highway', repeat: 3 } },
];

async function measure({ effort, shapes }: Settings): Promise<Report> {
  const measured = shapes === 'few' ? stacks.slice(0, 4) : stacks;
  const rates = await measureRates(measured.map(({ layer }) => ({ layers: [{ cell, units, ...layer }], features: units, batch, window })), effort);
  const rows = measured.map(({ name }, index) => {
    const [own, single] = [rates[index], rates[0]];
    return {
      network: words(name),
      step: milliseconds(own?.seconds),
      'GFLOP/s': figure(own?.gflops, 1),
      'of one layer’s rate': share(own && single && own.gflops / single.gflops, index === 0 ? undefined : atLeast(0.85)),
    };
  });
  return { title: `Stacks and connections: LSTM, H = ${units}, B = ${batch}, T = ${window}`, rows, notes: ['GFLOP of the matrix products that the network needs, those of highway gates and wider dense layers included.'] };
}
