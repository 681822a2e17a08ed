import { measureCarry } from '../../../src/diagnosis/carry';
import { measureLongGradient } from '../../../src/diagnosis/gradient';
import { batchOfSequences, heldOutSequences } from '../../../src/diagnosis/heldOut';
import type { Kind } from './kinds';
import { makeNet } from './nets';
import { isEarly, synthetic, words } from './worlds';

type Start = Pick<Kind, 'layers' | 'recurrentScale'>;

/** Nets that carry anything from nearly all to nearly nothing. */
const starts: readonly Start[] = [
  ...[0.7, 1, 1.2, 1.4, 1.6].map((recurrentScale) => ({ recurrentScale, layers: [{ cell: 'rnn', units: 32 }] })),
  ...[-0.5, 0, 0.5, 1].map((forgetBias) => ({ layers: [{ cell: 'lstm', units: 32, forgetBias }] })),
  ...[-0.5, 0.5].map((update) => ({ layers: [{ cell: 'gru', units: 32, gateBias: { update } }] })),
];

const training = { optimizer: { kind: 'adam', learningRate: 0.005 }, clip: { kind: 'norm', threshold: 1 } };

/** How many nets learn a dependency in 1000 steps of Adam, by what they carry over it at the start and by how strong the gradient from there is. */
export async function prognosis(cache: string): Promise<void> {
  const found: { readonly carry: number; readonly signalToNoise: number; readonly learnt: boolean }[] = [];
  for (const lag of [12, 20, 30]) {
    const tasks = [
      { world: synthetic('recall', lag + 10, lag), chance: Math.log(8) },
      { world: words(lag + 1, ([first]) => String(isEarly(first))), chance: Math.log(2) },
    ];
    for (const { world, chance } of tasks) for (const start of starts) for (const seed of [1, 2]) {
      const kind: Kind = { name: 'prognosis', part: 'tuning', truth: 'inconclusive', world, training, ...start };
      const { engine, data, spec } = await makeNet(kind, seed, cache);
      const heldOut = heldOutSequences(data, spec.task, spec.training, 400);
      const [layer] = measureCarry(engine, batchOfSequences(heldOut.sequences.slice(0, 16), heldOut, 256), engine.parameters(), () => undefined);
      const far = measureLongGradient(engine, heldOut, lag, spec.training.batch, () => undefined);
      engine.dispose();
      const trained = await makeNet({ ...kind, steps: 1000 }, seed, cache);
      trained.engine.dispose();
      found.push({ carry: layer?.rms[Math.min(lag, layer.rms.length - 1)] ?? 0, signalToNoise: far?.signalToNoise ?? 0, learnt: (trained.loss ?? Infinity) < 0.9 * chance });
    }
  }
  for (const measure of ['carry', 'signalToNoise'] as const) {
    const edges = measure === 'carry' ? [-Infinity, 1e-5, 1e-3, Infinity] : [-Infinity, 1e-11, 1e-7, Infinity];
    for (const [place, low] of edges.slice(0, -1).entries()) {
      const own = found.filter((one) => one[measure] >= low && one[measure] < (edges[place + 1] ?? Infinity));
      console.log(`${measure} from ${low}: ${own.filter(({ learnt }) => learnt).length} of ${own.length} learnt`);
    }
  }
}
