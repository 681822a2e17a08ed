import type { BenchmarkNetwork } from '../../../src/training/benchmark';
import { atLeast, figure, milliseconds, share, words, type Report } from '../measure/report';
import { measureRates } from './rates';
import { ratio } from './shapes';
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

async function measure({ effort }: Settings): Promise<Report> {
  const [rates = []] = await measureRates([stacks.map(({ layer }) => ({ layers: [{ cell, units, ...layer }], features: units, batch, window }))], effort);
  const rows = stacks.map(({ name }, index) => ({
    network: words(name),
    step: milliseconds(rates[index]?.seconds),
    'GFLOP/s': figure(rates[index]?.gflops, 1),
    'of the single layer’s rate': share(ratio(rates[index]?.gflops, rates[0]?.gflops), index === 0 ? undefined : atLeast(0.85)),
  }));
  return {
    title: `Stacks and connections: LSTM, H = ${units}, B = ${batch}, T = ${window}, one thread`,
    rows,
    notes: ['GFLOP of the matrix products that the network needs, those of highway gates and wider dense layers included. All networks take turns in one process.'],
  };
}
