import { atLeast, milliseconds, share, words, type Report } from '../measure/report';
import { measureRates, type Trained } from './rates';
import type { Settings, Table } from './table';

/** Sizes that are no multiples of 8 against those that they are padded to. */
export const sizesTable: Table = { name: 'sizes', run: async (settings) => [await measure(settings)] };

const odd = [1, 3, 7, 9, 13, 17, 23, 31, 33, 39];
const cell = 'lstm';
const padded = (units: number): number => Math.ceil(units / 8) * 8;

/** More than timing varies by: a size counts as no slower than its padded one from here on. */
const noise = 0.95;

async function measure({ effort, shapes }: Settings): Promise<Report> {
  const cases = [1, 8].flatMap((batch) => (shapes === 'few' ? odd.slice(0, 4) : odd).map((units) => ({ units, batch })));
  const network = (units: number, batch: number): Trained => ({ layers: [{ cell, units }], features: units, batch, window: 64 });
  const networks = cases.flatMap(({ units, batch }) => [network(units, batch), network(padded(units), batch)]);
  const rates = await measureRates(networks, { ...effort, milliseconds: Math.min(effort.milliseconds, 30) });
  const rows = cases.map(({ units, batch }, index) => {
    const [own, whole] = [rates[2 * index], rates[2 * index + 1]];
    return {
      'H, B': words(`${units}, ${batch}`),
      step: milliseconds(own?.seconds),
      'padded H': words(String(padded(units))),
      'its step': milliseconds(whole?.seconds),
      'speed against padded': share(own && whole && whole.seconds / own.seconds, atLeast(noise)),
    };
  });
  return { title: 'Odd sizes: LSTM, T = 64', rows, notes: ['Both make the same work, so nothing but padding is lost at 100 %.'] };
}
