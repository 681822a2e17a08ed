import { atLeast, figure, milliseconds, share, words, type Report } from '../measure/report';
import { measureRates, type Trained } from './rates';
import { ratio } from './shapes';
import type { Settings, Table } from './table';

/** Sizes that are no multiples of 8 against those that they are padded to. */
export const sizesTable: Table = { name: 'sizes', run: async (settings) => [await measure(settings)] };

const cell = 'lstm';
const window = 64;
const lanes = 8;
const multiples = [8, 16, 24, 32, 40];
const padded = (units: number): number => Math.ceil(units / lanes) * lanes;

/** More than timing varies by: a size counts as losing no more than its padding from here on. */
const noise = 0.95;

/** A size, what its padding would leave of the padded size's rate, and what is left. */
interface Size {
  readonly units: number;
  readonly predicted: number;
  readonly left: number | undefined;
  readonly seconds: number | undefined;
}

/** Every size from 1 to 40 is measured beside the multiple of 8 above it; a row shows the one of seven that loses most. */
async function measure({ effort, shapes }: Settings): Promise<Report> {
  const groups = (shapes === 'few' ? [1] : [1, 8]).flatMap((batch) => (shapes === 'few' ? [8, 40] : multiples).map((whole) => ({ batch, whole, odd: Array.from({ length: lanes - 1 }, (_, index) => whole - lanes + 1 + index) })));
  const network = (units: number, batch: number): Trained => ({ layers: [{ cell, units }], features: units, batch, window });
  const rates = await measureRates(groups.map(({ batch, whole, odd }) => [whole, ...odd].map((units) => network(units, batch))), { ...effort, milliseconds: Math.min(effort.milliseconds, 20) });
  const rows = groups.map(({ batch, whole, odd }, group) => {
    const [full, ...others] = rates[group] ?? [];
    const sizes = odd.map((units, index): Size => ({ units, predicted: (units / padded(units)) ** 2, left: ratio(others[index]?.gflops, full?.gflops), seconds: others[index]?.seconds }));
    const beside = ({ left, predicted }: Size): number | undefined => ratio(left, predicted);
    const worst = sizes.reduce((one, other) => ((beside(other) ?? Infinity) < (beside(one) ?? Infinity) ? other : one));
    return {
      B: words(String(batch)),
      H: words(`${odd[0]} … ${odd.at(-1)}`),
      'padded to': words(String(whole)),
      'its step': milliseconds(full?.seconds),
      'its GFLOP/s': figure(full?.gflops, 1),
      'loses most': words(String(worst.units)),
      step: milliseconds(worst.seconds),
      'of the padded rate': share(worst.left),
      'its padding predicts': share(worst.predicted),
      'measured by predicted': share(beside(worst), atLeast(noise)),
    };
  });
  return {
    title: `Small and odd sizes: LSTM, T = ${window}, one thread`,
    rows,
    notes: [`Padding predicts (H ÷ padded H)² of the padded size’s useful GFLOP/s; 100 % in the last column is a step just as long as the padded size’s, and ${noise * 100} % counts, because timing varies. Every H was measured, in turn with the padded one.`],
  };
}
