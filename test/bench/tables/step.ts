import { benchmarkArchitecture, stepOperations } from '../../../src/training/benchmark';
import type { CellKind } from '../../../src/spec/schema';
import { pytorch, unroll, unrollTurbo } from '../measure/contenders';
import { interleave } from '../measure/interleave';
import { atLeast, figure, milliseconds, share, times, words, type Report } from '../measure/report';
import { layerRequest, ratio, shapeName, type Shape } from './shapes';
import type { Settings, Table } from './table';

/** What the training step of a layer should reach. */
interface Goals extends Shape {
  /** Of the 128-bit multiply-add limit, an LSTM on one thread. */
  readonly ofPeak: number;
  /** PyTorch's time over ours, one thread each. */
  readonly againstTorch: number;
  /** PyTorch's time over ours with turbo, two threads each. */
  readonly turboAgainstTorch: number;
}

const shapes: readonly Goals[] = [
  { units: 32, batch: 1, window: 32, ofPeak: 0.75, againstTorch: 18, turboAgainstTorch: 22 },
  { units: 64, batch: 8, window: 64, ofPeak: 0.86, againstTorch: 1, turboAgainstTorch: 2.5 },
  { units: 128, batch: 32, window: 64, ofPeak: 0.9, againstTorch: 0.46, turboAgainstTorch: 1 },
  { units: 256, batch: 32, window: 100, ofPeak: 0.9, againstTorch: 0.5, turboAgainstTorch: 1 },
  { units: 512, batch: 32, window: 100, ofPeak: 0.9, againstTorch: 0.46, turboAgainstTorch: 1 },
];

/** The training step of one layer of a cell, against the machine's limit and against PyTorch. */
export function stepTable(cell: CellKind): Table {
  return { name: cell, run: async (settings) => [await measure(cell, settings)] };
}

async function measure(cell: CellKind, { effort, torch, shapes: which }: Settings): Promise<Report> {
  const measuredShapes = which === 'few' ? shapes.slice(0, 3) : shapes;
  const own = unroll('step', 1);
  const turbo = await unrollTurbo('step', 2);
  const theirs = torch && pytorch(torch, 'step', 1);
  const theirs2 = torch && pytorch(torch, 'step', 2);
  const contenders = [own, theirs, turbo, theirs2].filter((contender) => contender !== undefined);
  const measured = await interleave(measuredShapes.map((shape) => ({ request: layerRequest(cell, shape), contenders })), effort);

  const rows = measuredShapes.map((shape, index) => {
    const secondsOf = (contender: { readonly name: string } | undefined): number | undefined => (contender ? measured[index]?.get(contender.name)?.seconds : undefined);
    const { seconds, peak } = measured[index]?.get(own.name) ?? {};
    const operations = stepOperations(benchmarkArchitecture(layerRequest(cell, shape)), shape.batch * shape.window);
    const gflops = seconds && operations / seconds / 1e9;
    // A GRU or vanilla RNN has no goal against PyTorch: its share is to be within 10 % of the LSTM's goal.
    const lstm = cell === 'lstm';
    return {
      'H, B, T': words(shapeName(shape)),
      [`${cell}, 1 thread`]: milliseconds(seconds),
      'GFLOP/s': figure(gflops, 1),
      peak: figure(peak, 1),
      'share of the peak': share(ratio(gflops, peak), atLeast(lstm ? shape.ofPeak : shape.ofPeak * 0.9)),
      'PyTorch, 1': milliseconds(secondsOf(theirs)),
      'against PyTorch, 1 thread each': times(ratio(secondsOf(theirs), seconds), lstm ? atLeast(shape.againstTorch) : undefined),
      'turbo, 2 threads': milliseconds(secondsOf(turbo)),
      'PyTorch, 2': milliseconds(secondsOf(theirs2)),
      'turbo against PyTorch, 2 threads each': times(ratio(secondsOf(theirs2), secondsOf(turbo)), lstm ? atLeast(shape.turboAgainstTorch) : undefined),
    };
  });
  return {
    title: `One training step of a layer: ${cell}`,
    rows,
    notes: [
      'Forward, BPTT, weight gradients, clipping by the global norm, SGD; a layer of H units on H values, one of two classes from the last state. Peak: 128-bit multiply-adds, GFLOP/s, measured before and after every turn.',
      ...(turbo ? [] : ['This Node does not know the flags of turbo.']),
    ],
  };
}
