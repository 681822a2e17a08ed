import { unroll, unrollTurbo } from '../measure/contenders';
import { interleave } from '../measure/interleave';
import { atLeast, milliseconds, times, words, type Report } from '../measure/report';
import { layerRequest, ratio, shapeName } from './shapes';
import type { Settings, Table } from './table';

const shapes = [
  { units: 64, batch: 8, window: 64, goal: 1.5 },
  { units: 128, batch: 32, window: 64, goal: 1.8 },
  { units: 256, batch: 32, window: 100, goal: 1.9 },
  { units: 512, batch: 32, window: 100, goal: 1.9 },
];

/** What a second thread gives. */
export const threadsTable: Table = { name: 'threads', run: async (settings) => [await measure(settings)] };

async function measure({ effort, shapes: which }: Settings): Promise<Report> {
  const [one, two] = [unroll('step', 1), unroll('step', 2)];
  const [turboOne, turboTwo] = [await unrollTurbo('step', 1), await unrollTurbo('step', 2)];
  const contenders = [one, two, turboOne, turboTwo].filter((contender) => contender !== undefined);
  const measuredShapes = which === 'few' ? shapes.slice(0, 2) : shapes;
  const measured = await interleave(measuredShapes.map((shape) => ({ request: layerRequest('lstm', shape), contenders })), effort);
  const rows = measuredShapes.map((shape, index) => {
    const secondsOf = (contender: { readonly name: string } | undefined): number | undefined => (contender ? measured[index]?.get(contender.name)?.seconds : undefined);
    return {
      'H, B, T': words(shapeName(shape)),
      '1 thread': milliseconds(secondsOf(one)),
      '2 threads': milliseconds(secondsOf(two)),
      'as fast': times(ratio(secondsOf(one), secondsOf(two)), atLeast(shape.goal)),
      'turbo, 1': milliseconds(secondsOf(turboOne)),
      'turbo, 2': milliseconds(secondsOf(turboTwo)),
      'as fast with turbo': times(ratio(secondsOf(turboOne), secondsOf(turboTwo))),
    };
  });
  return { title: 'An LSTM’s training step on two threads', rows, notes: [] };
}
