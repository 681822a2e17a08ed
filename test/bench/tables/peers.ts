import { unroll } from '../measure/contenders';
import { interleave } from '../measure/interleave';
import { findPeers } from '../measure/peers';
import { atLeast, milliseconds, times, words, type Report } from '../measure/report';
import { layerRequest, ratio, shapeName } from './shapes';
import type { Settings, Table } from './table';

const shapes = [
  { units: 32, batch: 1, window: 32, tfjs: 1000 },
  { units: 64, batch: 8, window: 64, tfjs: 18 },
  { units: 128, batch: 32, window: 64, tfjs: 18 },
  { units: 256, batch: 32, window: 100, tfjs: 18 },
];

/** The training step of an LSTM against other JavaScript libraries. */
export const peersTable: Table = { name: 'peers', run: async (settings) => [await measure(settings)] };

async function measure({ effort, shapes: which }: Settings): Promise<Report> {
  const title = 'An LSTM’s training step beside other JavaScript libraries';
  const peers = findPeers();
  if (!peers) return { title, rows: [], notes: ['Not measured: tfjs-wasm and brain.js could not be installed.'] };
  const { tfjs, brain } = peers;
  const own = unroll('step', 1);
  const measuredShapes = which === 'few' ? shapes.slice(0, 2) : shapes;
  // They take up to seconds a step, of which one is made then, and many times as long as any noise: one process each tells enough.
  const measured = await interleave(measuredShapes.map((shape) => ({ request: layerRequest('lstm', shape), contenders: [own, tfjs, brain] })), { ...effort, processes: 1 });
  const rows = measuredShapes.map((shape, index) => {
    const secondsOf = ({ name }: { readonly name: string }): number | undefined => measured[index]?.get(name)?.seconds;
    return {
      'H, B, T': words(shapeName(shape)),
      [own.name]: milliseconds(secondsOf(own)),
      [tfjs.name]: milliseconds(secondsOf(tfjs)),
      'against tfjs-wasm': times(ratio(secondsOf(tfjs), secondsOf(own)), atLeast(shape.tfjs)),
      [brain.name]: milliseconds(secondsOf(brain)),
      'against brain.js': times(ratio(secondsOf(brain), secondsOf(own)), atLeast(50)),
    };
  });
  return { title, rows, notes: ['tfjs-wasm makes the same step; brain.js makes its own: one sequence after the other, each with a loss at every position, RMSprop and clipping by value. A step that takes longer than ten turns is made once.'] };
}
