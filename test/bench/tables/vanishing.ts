import { pytorch, unroll } from '../measure/contenders';
import { interleave } from '../measure/interleave';
import { atMost, milliseconds, times, words, type Report } from '../measure/report';
import { ratio } from './shapes';
import type { Settings, Table } from './table';

/** What it costs when gradients vanish into denormal numbers on their way back. */
export const vanishingTable: Table = { name: 'vanishing', run: async (settings) => [await measure(settings)] };

const shapes = [
  { units: 32, batch: 8 },
  { units: 64, batch: 8 },
  { units: 128, batch: 8 },
];
const window = 512;

/** A forget bias with which the gradient arrives at the first timestep, and one with which nothing does. */
const forgetBias = { healthy: 10, vanishing: 0 };

async function measure({ effort, torch }: Settings): Promise<Report> {
  const own = unroll('step', 1);
  const theirs = torch && pytorch(torch, 'step', 1);
  const contenders = [own, theirs].filter((contender) => contender !== undefined);
  const trial = ({ units, batch }: (typeof shapes)[number], bias: number): { request: object; contenders: typeof contenders } => ({
    request: { layers: [{ cell: 'lstm', units, forgetBias: bias }], features: units, batch, window },
    contenders,
  });
  const measured = await interleave(shapes.flatMap((shape) => [trial(shape, forgetBias.healthy), trial(shape, forgetBias.vanishing)]), effort);
  const rows = shapes.map(({ units, batch }, index) => {
    const secondsOf = (contender: { readonly name: string } | undefined, offset: number): number | undefined => (contender ? measured[2 * index + offset]?.get(contender.name)?.seconds : undefined);
    return {
      'H, B, T': words(`${units}, ${batch}, ${window}`),
      healthy: milliseconds(secondsOf(own, 0)),
      vanishing: milliseconds(secondsOf(own, 1)),
      cost: times(ratio(secondsOf(own, 1), secondsOf(own, 0)), atMost(1.05)),
      'PyTorch, healthy': milliseconds(secondsOf(theirs, 0)),
      'PyTorch, vanishing': milliseconds(secondsOf(theirs, 1)),
      'its cost': times(ratio(secondsOf(theirs, 1), secondsOf(theirs, 0))),
    };
  });
  return { title: 'A vanishing gradient: LSTM, loss on the last step', rows, notes: [`Forget bias ${forgetBias.healthy} against ${forgetBias.vanishing}, one thread, PyTorch as it is by default.`] };
}
